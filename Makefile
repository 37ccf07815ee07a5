# jwtd: `make` builds ./jwtd, one static binary; `make run` serves with the demo key; `make test` tests.
# Needs a C compiler, make and a POSIX shell. CC, CFLAGS, CPPFLAGS and LDFLAGS are the packager's.

CC = cc
CFLAGS = -O2
LDFLAGS =

# The project's own flags: what the code is written in, and what it must be clean of.
STANDARD = -iquote . -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -pthread
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla
HARDENING = -fstack-protector-strong -fPIE
# Not every C library can make a static program that may lie anywhere: Debian's for other processors can't.
STATIC = $(if $(findstring /,$(shell $(CC) -print-file-name=rcrt1.o)),-static-pie,-static)

BYTES = base64url cpu http_answer http_body http_mini json_mini json_text sha512 str
SYSTEM = listen log nonce notify sandbox sandbox_calls
TOKEN = claims jwt key_files keys
SETTINGS = config options options_help options_table
ROUTE = api auth call compat introspect metrics tokens
SERVER = exchange loop server worker
COMMAND = cli show
CORE = $(BYTES) $(SYSTEM:%=system/%) $(TOKEN:%=token/%) $(SETTINGS:%=settings/%) $(ROUTE:%=route/%) $(SERVER:%=server/%) \
	service $(COMMAND:%=command/%)
TESTS = main test_base64url test_http test_json test_options test_sha512 test_show route/test_api route/test_routes \
	server/test_loop server/test_server system/test_listen system/test_notify system/test_sandbox token/test_jwt \
	token/test_keys token/test_policy

# What every request goes through: the release optimizes these for speed, the others for size.
HOT = base64url http_mini json_mini sha512
HOT_CFLAGS =

# Objects of one configuration lie together, so that another one never mixes with them.
BUILD = build/default
COMPILE = $(CC) $(STANDARD) $(WARNINGS) $(HARDENING) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) -pthread $(STATIC) $(CFLAGS) $(LDFLAGS)

all: jwtd

# ./jwtd is what was built last, and is replaced, not written over: it may be running.
jwtd: $(BUILD)/jwtd FORCE
	@cmp -s $(BUILD)/jwtd jwtd || { cp $(BUILD)/jwtd jwtd.new && mv jwtd.new jwtd; }

FORCE:

$(BUILD)/jwtd: $(BUILD)/jwtd.o $(CORE:%=$(BUILD)/%.o)
	$(LINK) -o $@ $(BUILD)/jwtd.o $(CORE:%=$(BUILD)/%.o)

$(BUILD)/unit: $(TESTS:%=$(BUILD)/test/%.o) $(CORE:%=$(BUILD)/%.o)
	$(LINK) -o $@ $(TESTS:%=$(BUILD)/test/%.o) $(CORE:%=$(BUILD)/%.o)

# The commands themselves: objects that another one made are out of date.
$(BUILD)/commands: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE) / $(HOT) $(HOT_CFLAGS) / $(LINK)' | cmp -s - $@ || \
		echo '$(COMPILE) / $(HOT) $(HOT_CFLAGS) / $(LINK)' >$@

$(BUILD)/%.o: %.c $(BUILD)/commands
	@mkdir -p $(@D)
	$(COMPILE) $(if $(filter $*,$(HOT)),$(HOT_CFLAGS)) -MMD -MP -c -o $@ $<

run: jwtd
	./jwtd --demo-key

# What is shipped: optimized, stripped, all relocations done and read-only before main(), the same bytes every time.
# With musl where musl-gcc is there: its own specs link a dynamic program even if told -static-pie, these here do not.
RELEASE_CFLAGS = -Os -g0 -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections -fcf-protection=none -flto \
	-ffile-prefix-map=$(CURDIR)=.
RELEASE_HOT = -O2 -falign-functions=1 -falign-jumps=1 -falign-labels=1 -falign-loops=1
RELEASE_LDFLAGS = -flto-partition=one -s -Wl,--gc-sections,-z,relro,-z,now,-z,noexecstack,--build-id=none,-z,noseparate-code,--hash-style=gnu

build/musl.specs: Makefile
	@mkdir -p build
	@sed -e 's,/Scrt1\.o,/rcrt1.o,' -e 's,^-dynamic-linker .*,-nostdlib -static -pie --no-dynamic-linker -z text,' \
		"$$(sed -n 's/.*-specs "\(.*\)".*/\1/p' "$$(command -v musl-gcc)")" >$@

release:
	@if command -v musl-gcc >/dev/null; then \
		$(MAKE) --no-print-directory build/musl.specs && \
		$(MAKE) --no-print-directory BUILD=build/release-musl CC='gcc -specs=$(CURDIR)/build/musl.specs' STATIC= \
			CFLAGS='$(RELEASE_CFLAGS)' HOT_CFLAGS='$(RELEASE_HOT)' LDFLAGS='$(RELEASE_LDFLAGS)'; \
	else \
		echo 'no musl-gcc (Debian: apt-get install musl-tools): with glibc the 128 KB are not promised' >&2; \
		$(MAKE) --no-print-directory BUILD=build/release CPPFLAGS=-D_FORTIFY_SOURCE=3 CFLAGS='$(RELEASE_CFLAGS)' \
			HOT_CFLAGS='$(RELEASE_HOT)' LDFLAGS='$(RELEASE_LDFLAGS)'; \
	fi
	@ls -l jwtd

test: jwtd $(BUILD)/unit
	BUILD=$(BUILD) sh test/run

# Other makers of tokens, real proxies, real clients. What is missing is skipped by name, with its install line.
interop: jwtd
	sh test/each test/interop/makers test/interop/proxies test/interop/clients test/interop/openapi

# T: seconds for each of the fuzz targets, ONLY: these alone. fuzz/run says how.
T = 60

fuzz:
	fuzz/run $(T) $(ONLY)

FUZZ_SHARED = common oracle reference
$(BUILD)/fuzz/%: $(BUILD)/fuzz/%.o $(FUZZ_SHARED:%=$(BUILD)/fuzz/%.o) $(CORE:%=$(BUILD)/%.o)
	$(LINK) -fsanitize=fuzzer -o $@ $^

# Frama-C's Eva over the pure parsers, the hash and base64url.
prove:
	prove/run $(if $(PLANT),--plant)

coverage:
	test/coverage

# What takes longer than a change may wait for, an hour and a half in all; each part runs alone, too.
assure: jwtd
	sh test/each test/requirements test/timing test/faults test/differ test/analyse test/sanitizers test/cross prove/run test/coverage
	fuzz/run $(T)
	bench/worst --check
	bench/micro

# For other processors, tried under qemu-user: test/cross says how. ONLY='mips s390x': these alone.
cross:
	sh test/cross $(ONLY)

# Against the least that a request costs, and against others. Needs wrk; bench/run names the rest that it can use.
# It writes bench/results.* and the README's table; not with QUICK=1, which takes under a minute.
bench: jwtd
	bench/run $(if $(QUICK),--quick)

# For packagers, and for 'make release && make install'. What was built last is installed; the units name its place.
PREFIX = /usr/local
MANDIR = $(PREFIX)/share/man
DOCDIR = $(PREFIX)/share/doc/jwtd
UNITDIR = $(PREFIX)/lib/systemd/system
EXAMPLES = $(filter-out %/alpine %/debian %/openwrt %/systemd, $(wildcard contrib/*))

install:
	@test -x jwtd || { echo "there is no ./jwtd to install: 'make release' makes it" >&2; exit 1; }
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(DOCDIR)/contrib $(DESTDIR)$(UNITDIR)
	install -m 755 jwtd $(DESTDIR)$(PREFIX)/bin/jwtd
	install -m 644 jwtd.8 $(DESTDIR)$(MANDIR)/man8/jwtd.8
	install -m 644 README CHANGES LICENSE $(DESTDIR)$(DOCDIR)
	install -m 644 $(EXAMPLES) $(DESTDIR)$(DOCDIR)/contrib
	for unit in contrib/systemd/*; do \
		sed 's,/usr/bin/jwtd,$(PREFIX)/bin/jwtd,' $$unit >$(DESTDIR)$(UNITDIR)/$${unit##*/} || exit 1; \
		chmod 644 $(DESTDIR)$(UNITDIR)/$${unit##*/}; \
	done

# Keys and options in /etc/jwtd stay.
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/jwtd $(DESTDIR)$(MANDIR)/man8/jwtd.8
	rm -f $(patsubst contrib/systemd/%,$(DESTDIR)$(UNITDIR)/%,$(wildcard contrib/systemd/*))
	rm -rf $(DESTDIR)$(DOCDIR)

# The last commit as a tarball, the same bytes wherever it is made.
VERSION = $(shell sed -n 's/^\#define OPTIONS_VERSION "\(.*\)"/\1/p' settings/options_table.h)

dist:
	@mkdir -p build/dist
	git -c tar.umask=0022 archive --format=tar --prefix=jwtd-$(VERSION)/ HEAD >build/dist/jwtd-$(VERSION).tar
	gzip -9nf build/dist/jwtd-$(VERSION).tar
	cd build/dist && sha256sum jwtd-$(VERSION).tar.gz >SHA256SUMS

# Where it is run: containers, a booted systemd, packages. Each needs root; what is missing is skipped by name.
ship: release
	sh test/each test/container test/systemd test/packages

clean:
	rm -rf build jwtd jwtd.new

.PHONY: all run release test interop fuzz prove coverage assure cross bench install uninstall dist ship clean

-include $(wildcard $(BUILD)/*.d $(BUILD)/*/*.d $(BUILD)/*/*/*.d)
