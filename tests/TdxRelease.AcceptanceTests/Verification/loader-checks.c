/*
 * The checks that the P-SEAMLDR makes on a SEAM_SIGSTRUCT before it installs a module, written from the field table of the structure and from the published list of checks:
 * an oracle for TdxRelease.Verification, with which it shares no code. RSA and SHA-384 are libcrypto's.
 *
 * usage: loader-checks MODULE KEYHASH <cases
 *   MODULE   the module binary
 *   KEYHASH  SHA-384 of the accepted modulus as stored, in hex
 *   stdin    any number of sigstructs, 2048 bytes each
 *   stdout   for each one line: "ok", or the name of the first check that fails
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

enum { SIGSTRUCT = 2048, MODULUS = 384, HASH = 48, PAGE = 4096, HANDLERS = 32 * 16, MAX_CPUS = 255 };

static uint64_t module_size;
static unsigned char module_hash[HASH];
static unsigned char key_hash[HASH];

static void die(const char *what)
{
	fprintf(stderr, "loader-checks: %s\n", what);
	exit(2);
}

static uint64_t number(const unsigned char *bytes, int length)
{
	uint64_t value = 0;

	while (length-- > 0)
		value = value << 8 | bytes[length];
	return value;
}

static int zero(const unsigned char *bytes, int length)
{
	while (length-- > 0)
		if (bytes[length])
			return 0;
	return 1;
}

static void sha384(const unsigned char *a, size_t a_length, const unsigned char *b, size_t b_length, unsigned char *hash)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (!context || !EVP_DigestInit_ex(context, EVP_sha384(), NULL) || !EVP_DigestUpdate(context, a, a_length) ||
	    !EVP_DigestUpdate(context, b, b_length) || !EVP_DigestFinal_ex(context, hash, NULL))
		die("SHA-384 failed");
	EVP_MD_CTX_free(context);
}

/* The public key of the accepted modulus; made once, because nothing else gets this far. */
static EVP_PKEY *public_key(const unsigned char *modulus)
{
	static EVP_PKEY *key;

	if (!key) {
		BIGNUM *n = BN_lebin2bn(modulus, MODULUS, NULL), *e = BN_new();
		OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
		EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);

		if (!n || !e || !builder || !context || !BN_set_word(e, 65537) ||
		    !OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) || !OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) ||
		    EVP_PKEY_fromdata_init(context) <= 0 ||
		    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, OSSL_PARAM_BLD_to_param(builder)) <= 0)
			die("the public key is refused");
	}
	return key;
}

static int signature_holds(const unsigned char *s)
{
	unsigned char signature[MODULUS];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int i, good;

	for (i = 0; i < MODULUS; i++)
		signature[i] = s[516 + MODULUS - 1 - i];
	if (!context || EVP_DigestVerifyInit(context, NULL, EVP_sha384(), NULL, public_key(s + 128)) <= 0 ||
	    EVP_DigestVerifyUpdate(context, s, 128) <= 0 || EVP_DigestVerifyUpdate(context, s + 900, SIGSTRUCT - 900) <= 0)
		die("RSA failed");
	good = EVP_DigestVerifyFinal(context, signature, MODULUS) == 1;
	EVP_MD_CTX_free(context);
	return good;
}

static const char *header(const unsigned char *s)
{
	if (number(s, 4) != 6) return "header_type";
	if (number(s + 4, 4) != 0xE1) return "header_length";
	if (number(s + 8, 4) != 0x10000) return "header_version";
	if (number(s + 12, 4) & 0x7FFFFFFF) return "module_type";
	if (number(s + 16, 4) != 0x8086) return "module_vendor";
	if (number(s + 24, 4) != 0x200) return "size";
	if (number(s + 28, 4) != 0x60) return "key_size";
	if (number(s + 32, 4) != 0x60) return "modulus_size";
	if (number(s + 36, 4) != 1) return "exponent_size";
	if (!zero(s + 40, 88)) return "reserved";
	return NULL;
}

static const char *signer(const unsigned char *s)
{
	unsigned char hash[HASH];

	sha384(s + 128, MODULUS, NULL, 0, hash);
	if (memcmp(hash, key_hash, HASH)) return "modulus";
	if (number(s + 512, 4) != 65537) return "exponent";
	if (!signature_holds(s)) return "signature";
	return NULL;
}

static const char *body(const unsigned char *s)
{
	uint64_t gdt = number(s + 992, 4), wrapper = number(s + 996, 4), cpus = number(s + 1024, 4);
	int debug = s[15] >> 7;

	if (!zero(s + 950, 8)) return "attributes";
	if (!zero(s + 978, 6)) return "reserved1";
	if (number(s + 986, 2) > number(s + 984, 2)) return "min_update_hv";
	if (s[989]) return "reserved2";
	if (gdt % PAGE) return "gdt_idt_offset alignment";
	if (!gdt != !wrapper) return "fault offsets pair";
	if ((gdt && gdt + PAGE > module_size) || (wrapper && wrapper + HANDLERS > module_size)) return "fault offsets room";
	if (!zero(s + 1000, 24)) return "reserved3";
	if (cpus > MAX_CPUS || (!cpus && !debug)) return "cpuid_table_size";
	if (!s[949]) return "seamsvn major";
	if (memcmp(s + 900, module_hash, HASH)) return "seamhash";
	return NULL;
}

static void read_module(const char *path)
{
	static unsigned char bytes[1 << 24];
	FILE *file = fopen(path, "rb");

	if (!file)
		die("cannot open the module");
	module_size = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	sha384(bytes, module_size, NULL, 0, module_hash);
}

int main(int argc, char **argv)
{
	static unsigned char s[SIGSTRUCT];
	size_t got;
	int i;

	if (argc != 3 || strlen(argv[2]) != 2 * HASH)
		die("usage: loader-checks MODULE KEYHASH");
	read_module(argv[1]);
	for (i = 0; i < HASH; i++) {
		unsigned int byte;

		if (sscanf(argv[2] + 2 * i, "%2x", &byte) != 1)
			die("KEYHASH is not hexadecimal");
		key_hash[i] = byte;
	}
	while ((got = fread(s, 1, SIGSTRUCT, stdin)) == SIGSTRUCT) {
		const char *failed = header(s);

		if (!failed) failed = signer(s);
		if (!failed) failed = body(s);
		puts(failed ? failed : "ok");
	}
	if (got)
		die("the last case is cut short");
	return 0;
}
