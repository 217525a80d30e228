/* clang-format off */
/*
 * Kinds of partners, as the policy names them.
 *
 * KIND(name in the policy, Dutch label)
 */
KIND("lwdb",          "leerwerkdienstenbedrijf")
KIND("thuiszorg",     "thuiszorg")
KIND("welzijn",       "welzijn")
KIND("corporatie",    "woningcorporatie")
KIND("mantelzorg",    "mantelzorgsteunpunt")
KIND("vrijwilligers", "vrijwilligersorganisatie")
KIND("netwerk",       "netwerk van organisaties")
KIND("zorg",          "zorginstelling met verblijf")
KIND("belangen",      "belangenorganisatie")
KIND("gemeente",      "gemeente")
KIND("zorgkantoor",   "zorgkantoor")
KIND("auditor",       "toezichthouder")
KIND("anders",        "anders")
/* clang-format on */
