/*
 * source -- from the policy's YAML to the bytes that are signed.
 *
 * The keys of the YAML are the names of the fields in policy.proto, so there
 * is one description and no second table to keep in step: this file walks over
 * the descriptors that protobuf-c generates.  What people write differently
 * from what is signed (dates, hours, terms, parties, keys) is read in
 * source_read.c.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/flaws.h"
#include "policy/source.h"
#include "policy/source_impl.h"

/* --- fields -------------------------------------------------------------- */

/* "valid_from_ms" is written as "valid_from". */
static size_t
key_len(const ProtobufCFieldDescriptor *f)
{
	size_t n = strlen(f->name);

	if (f->type == PROTOBUF_C_TYPE_INT64 && n > 3 &&
	    strcmp(f->name + n - 3, "_ms") == 0)
		return (n - 3);
	return (n);
}

/* What the compiler fills in itself, and nobody writes. */
static bool
is_hidden(const ProtobufCMessageDescriptor *d,
    const ProtobufCFieldDescriptor *f)
{
	return (
	    (d == &keten__v1__policy__descriptor &&
		strcmp(f->name, "version") == 0) ||
	    strcmp(f->name, "custodian_partner") == 0 ||
	    (d == &keten__v1__policy_code__descriptor &&
		(strcmp(f->name, "kind") == 0 ||
		    strcmp(f->name, "protected") == 0)) ||
	    (d == &keten__v1__policy_group__descriptor &&
		strcmp(f->name, "kind") == 0));
}

static const ProtobufCFieldDescriptor *
field_of(const ProtobufCMessageDescriptor *d, const char *key)
{
	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];

		if (!is_hidden(d, f) && strlen(key) == key_len(f) &&
		    strncmp(f->name, key, key_len(f)) == 0)
			return (f);
	}
	return (NULL);
}

/* Say which keys there are, through the ones that are close. */
static void
say_unknown(struct conf *conf, const struct conf_node *key,
    const ProtobufCMessageDescriptor *d)
{
	char names[32][48];
	const char *words[32];
	const char *near;
	size_t n = 0;

	for (unsigned i = 0; i < d->n_fields && n < 32; i++) {
		if (is_hidden(d, &d->fields[i]))
			continue;
		(void)snprintf(names[n], sizeof(names[n]), "%.*s",
		    (int)key_len(&d->fields[i]), d->fields[i].name);
		words[n] = names[n];
		n++;
	}
	near = conf_nearest(conf_scalar(key), words, n);
	conf_mistake(conf, key, "'%s' bestaat hier niet%s%s%s",
	    conf_scalar(key), near != NULL ? "; bedoelde u '" : "",
	    near != NULL ? near : "", near != NULL ? "'?" : "");
}

static size_t
size_of(const ProtobufCFieldDescriptor *f)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_UINT32:
		return (sizeof(uint32_t));
	case PROTOBUF_C_TYPE_ENUM:
		return (sizeof(int));
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return (sizeof(void *));
	case PROTOBUF_C_TYPE_BYTES:
		return (sizeof(ProtobufCBinaryData));
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
	case PROTOBUF_C_TYPE_BOOL:
		break;
	}
	abort(); /* policy.proto has lists of those above only */
}

static void fill(struct source *s, const struct conf_node *node,
    ProtobufCMessage *msg);

/* A message of its own, from what stands at ${node}. */
static ProtobufCMessage *
make(struct source *s, const struct conf_node *node,
    const ProtobufCMessageDescriptor *d)
{
	ProtobufCMessage *msg = calloc(1, d->sizeof_message);

	if (msg == NULL)
		abort(); /* a tool that runs once */
	protobuf_c_message_init(d, msg);
	if (!source_read_message(s, node, msg))
		fill(s, node, msg);
	return (msg);
}

/* Read one value into ${slot}, which has the type of ${f}. */
static void
read_value(struct source *s, const struct conf_node *node,
    const ProtobufCFieldDescriptor *f, void *slot)
{
	if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
		*(ProtobufCMessage **)slot = make(s, node, f->descriptor);
		return;
	}
	if (!conf_is_scalar(node)) {
		conf_mistake(s->conf, node, "'%.*s': hier hoort een waarde, "
		    "geen lijst of tabel", (int)key_len(f), f->name);
		if (f->type == PROTOBUF_C_TYPE_STRING)
			*(char **)slot = source_copy("");
		return;
	}
	source_read_scalar(s, node, f, slot);
}

/* A list; a single value is a list of one. */
static void
read_list(struct source *s, const struct conf_node *node,
    const ProtobufCFieldDescriptor *f, ProtobufCMessage *msg)
{
	size_t *n = (size_t *)((char *)msg + f->quantifier_offset);
	char **list = (char **)((char *)msg + f->offset);
	size_t many = conf_is_list(node) ? conf_size(node) : 1;

	if (f->type == PROTOBUF_C_TYPE_MESSAGE && !conf_is_list(node) &&
	    !conf_is_scalar(node)) {
		conf_mistake(s->conf, node, "'%s' is een lijst; begin elk "
		    "onderdeel met een streepje", f->name);
		return;
	}
	*list = calloc(many + 1, size_of(f));
	if (*list == NULL)
		abort(); /* a tool that runs once */
	for (size_t i = 0; i < many; i++)
		read_value(s, conf_is_list(node) ? conf_at(node, i) : node, f,
		    *list + i * size_of(f));
	*n = many;
}

static void
fill(struct source *s, const struct conf_node *node, ProtobufCMessage *msg)
{
	if (!conf_is_map(node)) {
		conf_mistake(s->conf, node, "hier horen regels "
					    "'naam: waarde'");
		return;
	}
	for (size_t i = 0; i < conf_size(node); i++) {
		const struct conf_node *key = conf_key_at(node, i);
		const ProtobufCFieldDescriptor *f;

		f = field_of(msg->descriptor, conf_scalar(key));
		if (f == NULL)
			say_unknown(s->conf, key, msg->descriptor);
		else if (source_read_special(s, conf_at(node, i), f, msg))
			continue;
		else if (f->label == PROTOBUF_C_LABEL_REPEATED)
			read_list(s, conf_at(node, i), f, msg);
		else
			read_value(s, conf_at(node, i), f,
			    (char *)msg + f->offset);
	}
}

/* --- what nobody writes -------------------------------------------------- */

/* Replace the text ${*to}, which may be the constant empty one. */
static void
set_text(char **to, const char *text)
{
	*to = source_copy(text);
}

static void
complete_partner(Keten__V1__PolicyPartner *w)
{
	if (w->n_mailboxes > 0)
		return;
	w->mailboxes = calloc(1, sizeof(*w->mailboxes));
	if (w->mailboxes == NULL)
		abort(); /* a tool that runs once */
	w->mailboxes[0] = source_copy("main");
	w->n_mailboxes = 1;
}

static Keten__V1__PolicyCodeKind
kind_of(const char *code)
{
	if (strncmp(code, "SIG", 3) == 0)
		return (KETEN__V1__POLICY_CODE_KIND__POLICY_CODE_KIND_SIGNAL);
	if (strncmp(code, "DST", 3) == 0)
		return (KETEN__V1__POLICY_CODE_KIND__POLICY_CODE_KIND_SERVICE);
	return (KETEN__V1__POLICY_CODE_KIND__POLICY_CODE_KIND_UNSPECIFIED);
}

static void
complete_codes(Keten__V1__Policy *d)
{
	for (size_t i = 0; i < d->n_groups; i++)
		d->groups[i]->kind = kind_of(d->groups[i]->id);
	for (size_t i = 0; i < d->n_codes; i++) {
		d->codes[i]->kind = kind_of(d->codes[i]->code);
		for (size_t k = 0; k < d->n_groups; k++)
			if (strcmp(d->groups[k]->id, d->codes[i]->group) == 0)
				d->codes[i]->protected_ =
				    d->groups[k]->protected_;
	}
}

#define CUSTODIAN(who) KETEN__V1__POLICY_CUSTODIAN__POLICY_CUSTODIAN_##who

/* A signal has a custodian, so that it can be opened when B is away. */
static void
complete_route(Keten__V1__PolicyRoute *r)
{
	for (size_t i = 0; i < r->n_rungs; i++)
		if (r->rungs[i]->offer != NULL &&
		    r->rungs[i]->offer->term[0] == '\0')
			set_text(&r->rungs[i]->offer->term, "OFFER");
	if (r->custodian != CUSTODIAN(UNSPECIFIED))
		return;
	r->custodian = CUSTODIAN(NONE);
	for (size_t i = 0; i < r->n_codes; i++)
		if (kind_of(r->codes[i]) !=
		    KETEN__V1__POLICY_CODE_KIND__POLICY_CODE_KIND_SERVICE)
			r->custodian = CUSTODIAN(REGISSEUR);
}

#define MODE(m) KETEN__V1__POLICY_NETWORK_MODE__POLICY_NETWORK_MODE_##m

static void
complete(Keten__V1__Policy *d)
{
	d->version = 1;
	for (size_t i = 0; i < d->n_partners; i++)
		complete_partner(d->partners[i]);
	for (size_t i = 0; i < d->n_networks; i++)
		if (d->networks[i]->mode == MODE(UNSPECIFIED))
			d->networks[i]->mode = MODE(FIRST);
	complete_codes(d);
	for (size_t i = 0; i < d->n_routes; i++)
		complete_route(d->routes[i]);
}

/* --- the whole ----------------------------------------------------------- */

static void
report(void *cookie, const char *path, const char *text)
{
	struct conf *conf = cookie;

	conf_mistake(conf, conf_nearby(conf, path), "%s", text);
}

/* Pack ${d}, look at it as everybody will, and keep the bytes if it is good. */
static enum err
finish(struct conf *conf, const Keten__V1__Policy *d,
    const struct policy *old, uint8_t **body, size_t *len)
{
	struct flaws to = { .report = report, .cookie = conf };
	size_t n = keten__v1__policy__get_packed_size(d);
	uint8_t *bytes = malloc(n + 1);
	struct policy *p;
	enum err err;

	if (bytes == NULL)
		return (ERR_NOMEM);
	(void)keten__v1__policy__pack(d, bytes); /* fills the n bytes */
	err = policy_read(slice_of(bytes, n), &p);
	if (err == ERR_OK) {
		/* They are counted with the others. */
		(void)flaws_find(p, &to);
		if (old != NULL)
			(void)flaws_next(old, p, &to);
		policy_free(p);
		err = conf_mistakes(conf) == 0 ? ERR_OK : ERR_CONFIG;
	}
	if (err != ERR_OK) {
		free(bytes);
		return (err);
	}
	*body = bytes;
	*len = n;
	return (ERR_OK);
}

enum err
source_compile(const char *path, uint8_t **body, size_t *len,
    struct conf **conf)
{
	return (source_compile_next(path, NULL, body, len, conf));
}

enum err
source_compile_next(const char *path, const struct policy *old,
    uint8_t **body, size_t *len, struct conf **conf)
{
	struct source s = { .conf = NULL };
	ProtobufCMessage *msg;
	enum err err;

	*conf = NULL;
	err = conf_open(path, conf);
	if (err != ERR_OK)
		return (err);
	if (conf_root(*conf) == NULL)
		return (ERR_CONFIG);
	s.conf = *conf;
	msg = make(&s, conf_root(*conf), &keten__v1__policy__descriptor);
	complete((Keten__V1__Policy *)msg);
	err = finish(*conf, (const Keten__V1__Policy *)msg, old, body, len);
	protobuf_c_message_free_unpacked(msg, NULL);
	return (err);
}
