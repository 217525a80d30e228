/*
 * seal_key -- the P-256 keys that content is sealed for.
 */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "trust/digest.h"
#include "trust/seal.h"

#define POINT 65 /* 0x04, x, y */

static void
point_of(const struct seal_public *pub, uint8_t point[POINT])
{
	point[0] = 4;
	memcpy(point + 1, pub->x, 32);
	memcpy(point + 33, pub->y, 32);
}

enum err
seal_key_new(struct seal_key *key)
{
	uint8_t d[32];
	enum err err = ERR_CRYPTO;

	/* Nearly every number will do; another try costs nothing. */
	for (int i = 0; i < 16 && err != ERR_OK; i++) {
		err = digest_random(d, sizeof(d));
		if (err == ERR_OK)
			err = seal_key_from(d, key);
	}
	digest_wipe(d, sizeof(d));
	return (err);
}

/* Write the point ${d} times the base point to ${point}. */
static bool
multiply(const EC_GROUP *group, const BIGNUM *d, uint8_t point[POINT])
{
	EC_POINT *p = EC_POINT_new(group);
	bool ok;

	ok = p != NULL && EC_POINT_mul(group, p, d, NULL, NULL, NULL) == 1 &&
	    EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, point,
		POINT, NULL) == POINT;
	EC_POINT_free(p);
	return (ok);
}

enum err
seal_key_from(const uint8_t d[32], struct seal_key *key)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	BIGNUM *n = BN_secure_new();
	uint8_t point[POINT];
	enum err err = ERR_CRYPTO;

	if (group == NULL || n == NULL || BN_bin2bn(d, 32, n) == NULL)
		goto out;
	BN_set_flags(n, BN_FLG_CONSTTIME);
	if (BN_is_zero(n) || BN_cmp(n, EC_GROUP_get0_order(group)) >= 0 ||
	    !multiply(group, n, point))
		goto out;
	memmove(key->d, d, 32);
	memcpy(key->pub.x, point + 1, 32);
	memcpy(key->pub.y, point + 33, 32);
	err = ERR_OK;

out:
	BN_clear_free(n);
	EC_GROUP_free(group);
	return (err);
}

void
seal_key_wipe(struct seal_key *key)
{
	digest_wipe(key, sizeof(*key));
}

bool
seal_key_is_sound(const struct seal_public *pub)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *p = group == NULL ? NULL : EC_POINT_new(group);
	uint8_t point[POINT];
	bool ok;

	/* Reading a point tells whether it lies on the curve. */
	point_of(pub, point);
	ok = p != NULL && EC_POINT_oct2point(group, p, point, POINT, NULL) == 1;
	EC_POINT_free(p);
	EC_GROUP_free(group);
	return (ok);
}

void
seal_key_id(const struct seal_public *pub, char id[SEAL_KEY_ID])
{
	uint8_t point[POINT], hash[32];

	point_of(pub, point);
	digest_of(point, sizeof(point), hash);
	hex_encode(hash, 8, id);
}
