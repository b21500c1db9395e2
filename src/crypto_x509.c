// SPDX-License-Identifier: MIT
//
// core.crypto, X.509 certificates and SPKAC:
//   x509Parse(bytes) -> certificate                      PEM or DER
//   x509Info(certificate) -> table: subject, issuer, subjectAltName, infoAccess, keyUsage, validFrom, validTo, serialNumber, ca
//   x509Raw(certificate) -> Buffer; x509Pem(certificate) -> text; x509Fingerprint(certificate, digest name) -> text
//   x509PublicKey(certificate) -> key
//   x509CheckHost(certificate, name, flags) -> the name that matched, or nil; x509CheckEmail, x509CheckIp
//   x509Issued(certificate, issuer), x509CheckPrivateKey(certificate, key), x509Verify(certificate, key) -> boolean
//   x509Names(certificate, "subject" | "issuer") -> {{short name, text}, …}
//   spkacVerify(bytes) -> boolean; spkacPublicKey(bytes) -> Buffer (PEM) or nothing; spkacChallenge(bytes) -> Buffer or nothing
//   x509CheckFlags() -> the numbers of the flags: always, never, noWildcards …
#include <arpa/inet.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include "crypto.h"

HOLD(drop_bio, BIO, BIO_free_all)
HOLD(drop_names, GENERAL_NAMES, GENERAL_NAMES_free)
HOLD(drop_access, AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free)
HOLD(drop_bn, BIGNUM, BN_free)
HOLD(drop_spki, NETSCAPE_SPKI, NETSCAPE_SPKI_free)
static void drop_text(void *object) { OPENSSL_free(object); }

typedef struct certificate {
  X509 *x;
} certificate;

static X509 *check(lua_State *L, int index) {
  certificate *c = luaL_checkudata(L, index, "lunode.crypto.x509");
  return c->x;
}

static int x509_gc(lua_State *L) {
  certificate *c = lua_touserdata(L, 1);
  X509_free(c->x);
  c->x = NULL;
  return 0;
}

static int x509_parse(lua_State *L) {
  size_t length;
  const char *bytes = buffer_check_bytes(L, 1, &length);
  if (length > INT_MAX) return luaL_error(L, "certificate too long");
  certificate *c = crypto_new_object(L, sizeof *c, "lunode.crypto.x509", x509_gc);
  BIO *bio = BIO_new_mem_buf(bytes, (int)length);
  if (bio == NULL) return crypto_fail(L);
  c->x = PEM_read_bio_X509_AUX(bio, NULL, NULL, (void *)"");
  if (c->x == NULL) { // both reasons are kept
    const unsigned char *p = (const unsigned char *)bytes;
    c->x = d2i_X509(NULL, &p, (long)length);
  }
  BIO_free_all(bio);
  if (c->x == NULL) return crypto_fail(L);
  ERR_clear_error();
  return 1;
}

// ---- names, as Node writes them

#define NAME_FLAGS (ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_UTF8_CONVERT | XN_FLAG_SEP_MULTILINE | XN_FLAG_FN_SN)

static void set_name(lua_State *L, const char *field, const X509_NAME *name) {
  hold *h = crypto_hold(L, drop_bio);
  BIO *bio = h->object = BIO_new(BIO_s_mem());
  if (bio != NULL && X509_NAME_print_ex(bio, name, 0, NAME_FLAGS) > 0) {
    crypto_push_bio(L, bio, false);
    lua_setfield(L, -3, field);
  }
  crypto_drop(h);
  lua_pop(L, 1);
}

static bool is_safe(const char *text, size_t length, bool utf8) {
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == '"' || c == '\\' || c == ',' || c == '\'') return false;
    if (utf8 ? c < ' ' || c == 127 : c < ' ' || c > '~') return false;
  }
  return true;
}

// What could be taken for another entry is quoted as in JSON (CVE-2021-44532).
static void add_text(BIO *out, const char *text, size_t length, bool utf8, const char *prefix) {
  if (is_safe(text, length, utf8)) {
    if (prefix != NULL) BIO_printf(out, "%s:", prefix);
    BIO_write(out, text, (int)length);
    return;
  }
  BIO_printf(out, "\"");
  if (prefix != NULL) BIO_printf(out, "%s:", prefix);
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == '\\') BIO_printf(out, "\\\\");
    else if (c == '"') BIO_printf(out, "\\\"");
    else if ((c >= ' ' && c != ',' && c <= '~') || (utf8 && (c & 0x80) != 0)) BIO_write(out, &c, 1);
    else BIO_printf(out, "\\u%04x", c);
  }
  BIO_printf(out, "\"");
}

static void add_string(BIO *out, const ASN1_STRING *s, bool utf8, const char *prefix) {
  add_text(out, (const char *)ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s), utf8, prefix);
}

static void add_general_name(BIO *out, const GENERAL_NAME *name) {
  switch (name->type) {
    case GEN_DNS:
      BIO_printf(out, "DNS:");
      add_string(out, name->d.dNSName, false, NULL);
      return;
    case GEN_EMAIL:
      BIO_printf(out, "email:");
      add_string(out, name->d.rfc822Name, false, NULL);
      return;
    case GEN_URI:
      BIO_printf(out, "URI:");
      add_string(out, name->d.uniformResourceIdentifier, false, NULL);
      return;
    case GEN_DIRNAME: {
      BIO_printf(out, "DirName:");
      BIO *tmp = BIO_new(BIO_s_mem());
      if (tmp == NULL) return;
      if (X509_NAME_print_ex(tmp, name->d.dirn, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB & ~ASN1_STRFLGS_ESC_CTRL) >= 0) {
        char *data = NULL;
        long length = BIO_ctrl(tmp, BIO_CTRL_INFO, 0, &data);
        add_text(out, data, length > 0 ? (size_t)length : 0, true, NULL);
      }
      BIO_free_all(tmp);
      return;
    }
    case GEN_IPADD: {
      char text[INET6_ADDRSTRLEN];
      const unsigned char *b = name->d.iPAddress->data;
      BIO_printf(out, "IP Address:");
      if (name->d.iPAddress->length == 4 && inet_ntop(AF_INET, b, text, sizeof text) != NULL) {
        BIO_printf(out, "%s", text);
      } else if (name->d.iPAddress->length == 16) {
        for (int i = 0; i < 8; i++) BIO_printf(out, "%s%X", i > 0 ? ":" : "", b[2 * i] << 8 | b[2 * i + 1]);
      } else {
        BIO_printf(out, "<invalid length=%d>", name->d.iPAddress->length);
      }
      return;
    }
    case GEN_RID: {
      char oid[256];
      OBJ_obj2txt(oid, sizeof oid, name->d.rid, 1);
      BIO_printf(out, "Registered ID:%s", oid);
      return;
    }
    case GEN_OTHERNAME: {
      const ASN1_TYPE *value = name->d.otherName->value;
      int nid = OBJ_obj2nid(name->d.otherName->type_id);
      const char *prefix = nid == NID_id_on_SmtpUTF8Mailbox ? "SmtpUTF8Mailbox" : nid == NID_XmppAddr ? "XmppAddr" : nid == NID_SRVName ? "SRVName"
                           : nid == NID_ms_upn ? "UPN" : nid == NID_NAIRealm ? "NAIRealm" : NULL;
      int wanted = nid == NID_SRVName ? V_ASN1_IA5STRING : V_ASN1_UTF8STRING;
      if (prefix == NULL || value->type != wanted) {
        BIO_printf(out, "othername:<unsupported>");
      } else {
        BIO_printf(out, "othername:");
        add_string(out, value->value.asn1_string, wanted == V_ASN1_UTF8STRING, prefix);
      }
      return;
    }
    case GEN_X400: BIO_printf(out, "X400Name:<unsupported>"); return;
    case GEN_EDIPARTY: BIO_printf(out, "EdiPartyName:<unsupported>"); return;
  }
}

static void set_alt_names(lua_State *L, const X509 *x) {
  hold *h = crypto_hold(L, drop_names);
  GENERAL_NAMES *names = h->object = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
  hold *hb = crypto_hold(L, drop_bio);
  BIO *out = hb->object = names != NULL ? BIO_new(BIO_s_mem()) : NULL;
  if (out != NULL) {
    for (int i = 0; i < OPENSSL_sk_num((const OPENSSL_STACK *)names); i++) {
      if (i != 0) BIO_printf(out, ", ");
      add_general_name(out, OPENSSL_sk_value((const OPENSSL_STACK *)names, i));
    }
    crypto_push_bio(L, out, false);
    lua_setfield(L, -4, "subjectAltName");
  }
  crypto_drop(h);
  crypto_drop(hb);
  lua_pop(L, 2);
}

static void set_info_access(lua_State *L, const X509 *x) {
  hold *h = crypto_hold(L, drop_access);
  AUTHORITY_INFO_ACCESS *list = h->object = X509_get_ext_d2i(x, NID_info_access, NULL, NULL);
  hold *hb = crypto_hold(L, drop_bio);
  BIO *out = hb->object = list != NULL ? BIO_new(BIO_s_mem()) : NULL;
  if (out != NULL) {
    for (int i = 0; i < OPENSSL_sk_num((const OPENSSL_STACK *)list); i++) {
      const ACCESS_DESCRIPTION *entry = OPENSSL_sk_value((const OPENSSL_STACK *)list, i);
      char method[80];
      if (i != 0) BIO_printf(out, "\n");
      i2t_ASN1_OBJECT(method, sizeof method, entry->method);
      add_text(out, method, strlen(method), false, NULL);
      BIO_printf(out, " - ");
      add_general_name(out, entry->location);
    }
    crypto_push_bio(L, out, false);
    lua_setfield(L, -4, "infoAccess");
  }
  crypto_drop(h);
  crypto_drop(hb);
  lua_pop(L, 2);
}

static void set_key_usage(lua_State *L, const X509 *x) {
  EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);
  if (usage == NULL) return;
  enum { MOST = 64 };
  char oids[MOST][128];
  int count = OPENSSL_sk_num((const OPENSSL_STACK *)usage);
  if (count > MOST) count = MOST;
  for (int i = 0; i < count; i++) {
    if (OBJ_obj2txt(oids[i], sizeof oids[i], OPENSSL_sk_value((const OPENSSL_STACK *)usage, i), 1) < 0) oids[i][0] = 0;
  }
  EXTENDED_KEY_USAGE_free(usage);
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    lua_pushstring(L, oids[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "keyUsage");
}

static void set_time(lua_State *L, const char *field, const ASN1_TIME *time) {
  hold *h = crypto_hold(L, drop_bio);
  BIO *bio = h->object = BIO_new(BIO_s_mem());
  if (bio != NULL) {
    ASN1_TIME_print(bio, time);
    crypto_push_bio(L, bio, false);
    lua_setfield(L, -3, field);
  }
  crypto_drop(h);
  lua_pop(L, 1);
}

static void set_serial(lua_State *L, X509 *x) {
  hold *h = crypto_hold(L, drop_bn), *ht = crypto_hold(L, drop_text);
  BIGNUM *n = h->object = ASN1_INTEGER_to_BN(X509_get_serialNumber(x), NULL);
  char *text = ht->object = n != NULL ? BN_bn2hex(n) : NULL;
  if (text != NULL) {
    lua_pushstring(L, text);
    lua_setfield(L, -4, "serialNumber");
  }
  crypto_drop(h);
  crypto_drop(ht);
  lua_pop(L, 2);
}

static int x509_info(lua_State *L) {
  X509 *x = check(L, 1);
  lua_newtable(L);
  set_name(L, "subject", X509_get_subject_name(x));
  set_name(L, "issuer", X509_get_issuer_name(x));
  set_alt_names(L, x);
  set_info_access(L, x);
  set_key_usage(L, x);
  set_time(L, "validFrom", X509_get0_notBefore(x));
  set_time(L, "validTo", X509_get0_notAfter(x));
  set_serial(L, x);
  lua_pushboolean(L, X509_check_ca(x) == 1);
  lua_setfield(L, -2, "ca");
  ERR_clear_error();
  return 1;
}

static int x509_names(lua_State *L) {
  static const char *const WHICH[] = {"subject", "issuer", NULL};
  X509 *x = check(L, 1);
  const X509_NAME *name = luaL_checkoption(L, 2, NULL, WHICH) == 0 ? X509_get_subject_name(x) : X509_get_issuer_name(x);
  int count = X509_NAME_entry_count(name);
  hold *h = crypto_hold(L, drop_text);
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
    const ASN1_OBJECT *object = X509_NAME_ENTRY_get_object(entry);
    char oid[80];
    int nid = OBJ_obj2nid(object);
    lua_createtable(L, 2, 0);
    if (nid != NID_undef) lua_pushstring(L, OBJ_nid2sn(nid));
    else lua_pushlstring(L, oid, (size_t)(OBJ_obj2txt(oid, sizeof oid, object, 1) > 0 ? strlen(oid) : 0));
    lua_rawseti(L, -2, 1);
    unsigned char *text = NULL;
    int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
    h->object = text;
    lua_pushlstring(L, length > 0 ? (char *)text : "", length > 0 ? (size_t)length : 0);
    lua_rawseti(L, -2, 2);
    crypto_drop(h);
    lua_rawseti(L, -2, i + 1);
  }
  ERR_clear_error();
  return 1;
}

static int x509_raw(lua_State *L) {
  X509 *x = check(L, 1);
  int length = i2d_X509(x, NULL);
  if (length < 0) return crypto_fail(L);
  buffer *b = buffer_new(L, runtime_get(L), (size_t)length);
  unsigned char *p = b->data;
  i2d_X509(x, &p);
  return 1;
}

static int x509_pem(lua_State *L) {
  X509 *x = check(L, 1);
  hold *h = crypto_hold(L, drop_bio);
  BIO *bio = h->object = BIO_new(BIO_s_mem());
  if (bio == NULL || PEM_write_bio_X509(bio, x) != 1) return crypto_fail(L);
  crypto_push_bio(L, bio, false);
  crypto_drop(h);
  return 1;
}

static int x509_fingerprint(lua_State *L) {
  X509 *x = check(L, 1);
  const EVP_MD *md = crypto_digest_named(luaL_checkstring(L, 2));
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (md == NULL || X509_digest(x, md, bytes, &length) != 1) return crypto_fail(L);
  char text[EVP_MAX_MD_SIZE * 3 + 1];
  for (unsigned i = 0; i < length; i++) {
    static const char DIGITS[] = "0123456789ABCDEF";
    text[3 * i] = DIGITS[bytes[i] >> 4];
    text[3 * i + 1] = DIGITS[bytes[i] & 15];
    text[3 * i + 2] = ':';
  }
  lua_pushlstring(L, text, length > 0 ? 3 * (size_t)length - 1 : 0);
  return 1;
}

static int x509_public_key(lua_State *L) {
  X509 *x = check(L, 1);
  crypto_key *k = crypto_key_new(L, KEY_PUBLIC);
  k->pkey = X509_get_pubkey(x);
  if (k->pkey == NULL) return crypto_fail(L);
  ERR_clear_error();
  return 1;
}

static int invalid_name(lua_State *L) { return crypto_fail_with(L, "ERR_INVALID_ARG_VALUE", "Invalid name"); }

static int x509_check_host(lua_State *L) {
  X509 *x = check(L, 1);
  size_t length;
  const char *name = luaL_checklstring(L, 2, &length);
  unsigned flags = (unsigned)luaL_checkinteger(L, 3);
  hold *h = crypto_hold(L, drop_text);
  char *peer = NULL;
  int match = X509_check_host(x, name, length, flags, &peer);
  h->object = peer;
  ERR_clear_error();
  if (match == -2) return invalid_name(L);
  if (match != 1) return 0;
  if (peer != NULL) lua_pushstring(L, peer);
  else lua_pushvalue(L, 2);
  crypto_drop(h);
  return 1;
}

static int x509_check_email(lua_State *L) {
  X509 *x = check(L, 1);
  size_t length;
  const char *name = luaL_checklstring(L, 2, &length);
  int match = X509_check_email(x, name, length, (unsigned)luaL_checkinteger(L, 3));
  ERR_clear_error();
  if (match == -2) return invalid_name(L);
  if (match != 1) return 0;
  lua_pushvalue(L, 2);
  return 1;
}

static int x509_check_ip(lua_State *L) {
  X509 *x = check(L, 1);
  const char *name = luaL_checkstring(L, 2);
  int match = X509_check_ip_asc(x, name, (unsigned)luaL_checkinteger(L, 3));
  ERR_clear_error();
  if (match == -2) return crypto_fail_with(L, "ERR_INVALID_ARG_VALUE", "Invalid IP");
  if (match != 1) return 0;
  lua_pushvalue(L, 2);
  return 1;
}

static int answer(lua_State *L, bool yes) {
  ERR_clear_error();
  lua_pushboolean(L, yes);
  return 1;
}

static int x509_issued(lua_State *L) {
  X509 *x = check(L, 1), *issuer = check(L, 2);
  return answer(L, X509_check_issued(issuer, x) == X509_V_OK);
}

static int x509_check_private_key(lua_State *L) {
  X509 *x = check(L, 1);
  return answer(L, X509_check_private_key(x, crypto_key_check_pkey(L, 2)) == 1);
}

static int x509_verify(lua_State *L) {
  X509 *x = check(L, 1);
  return answer(L, X509_verify(x, crypto_key_check_pkey(L, 2)) > 0);
}

// ---- SPKAC

// Pushes a hold with it; blanks at the end are passed over.
static NETSCAPE_SPKI *spkac_at(lua_State *L, int index) {
  size_t length;
  const char *text = buffer_check_bytes(L, index, &length);
  while (length > 0 && strchr(" \n\r\t", text[length - 1]) != NULL) length--;
  hold *h = crypto_hold(L, drop_spki);
  h->object = length > 0 && length <= INT_MAX ? NETSCAPE_SPKI_b64_decode(text, (int)length) : NULL;
  ERR_clear_error();
  return h->object;
}

static int spkac_verify(lua_State *L) {
  NETSCAPE_SPKI *spki = spkac_at(L, 1);
  EVP_PKEY *key = spki != NULL ? X509_PUBKEY_get(spki->spkac->pubkey) : NULL;
  bool valid = key != NULL && NETSCAPE_SPKI_verify(spki, key) > 0;
  EVP_PKEY_free(key);
  return answer(L, valid);
}

static int spkac_public_key(lua_State *L) {
  NETSCAPE_SPKI *spki = spkac_at(L, 1);
  if (spki == NULL) return 0;
  hold *h = crypto_hold(L, drop_bio);
  BIO *bio = h->object = BIO_new(BIO_s_mem());
  EVP_PKEY *key = bio != NULL ? X509_PUBKEY_get(spki->spkac->pubkey) : NULL;
  bool ok = key != NULL && PEM_write_bio_PUBKEY(bio, key) > 0;
  EVP_PKEY_free(key);
  ERR_clear_error();
  if (!ok) return 0;
  crypto_push_bio(L, bio, true);
  crypto_drop(h);
  return 1;
}

static int spkac_challenge(lua_State *L) {
  NETSCAPE_SPKI *spki = spkac_at(L, 1);
  if (spki == NULL) return 0;
  const ASN1_STRING *challenge = spki->spkac->challenge;
  buffer_push_copy(L, runtime_get(L), ASN1_STRING_get0_data(challenge), (size_t)ASN1_STRING_length(challenge));
  return 1;
}

static int check_flags(lua_State *L) {
  static const struct {
    const char *name;
    unsigned value;
  } FLAGS[] = {{"always", X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT},
               {"never", X509_CHECK_FLAG_NEVER_CHECK_SUBJECT},
               {"noWildcards", X509_CHECK_FLAG_NO_WILDCARDS},
               {"noPartialWildcards", X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS},
               {"multiLabelWildcards", X509_CHECK_FLAG_MULTI_LABEL_WILDCARDS},
               {"singleLabelSubdomains", X509_CHECK_FLAG_SINGLE_LABEL_SUBDOMAINS}};
  lua_newtable(L);
  for (size_t i = 0; i < sizeof FLAGS / sizeof *FLAGS; i++) {
    lua_pushinteger(L, (lua_Integer)FLAGS[i].value);
    lua_setfield(L, -2, FLAGS[i].name);
  }
  return 1;
}

const luaL_Reg crypto_x509_functions[] = {{"x509Parse", x509_parse},
                                          {"x509Info", x509_info},
                                          {"x509Names", x509_names},
                                          {"x509Raw", x509_raw},
                                          {"x509Pem", x509_pem},
                                          {"x509Fingerprint", x509_fingerprint},
                                          {"x509PublicKey", x509_public_key},
                                          {"x509CheckHost", x509_check_host},
                                          {"x509CheckEmail", x509_check_email},
                                          {"x509CheckIp", x509_check_ip},
                                          {"x509Issued", x509_issued},
                                          {"x509CheckPrivateKey", x509_check_private_key},
                                          {"x509Verify", x509_verify},
                                          {"x509CheckFlags", check_flags},
                                          {"spkacVerify", spkac_verify},
                                          {"spkacPublicKey", spkac_public_key},
                                          {"spkacChallenge", spkac_challenge},
                                          {NULL, NULL}};
