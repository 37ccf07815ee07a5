# jwtd: `make` builds ./jwtd, one static binary; `make run` serves with the demo key; `make test` tests.
# Needs a C compiler, make and a POSIX shell. CC, CFLAGS, CPPFLAGS and LDFLAGS are the packager's.

CC = cc
CFLAGS = -O2
LDFLAGS =

# The project's own flags: what the code is written in, and what it must be clean of.
STANDARD = -std=c11 -D_GNU_SOURCE -pthread
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla
HARDENING = -fstack-protector-strong -fPIE
STATIC = -static-pie

CORE = api auth base64url call claims cli compat config exchange http_answer http_body http_mini introspect json_mini json_text \
	jwt keys listen log loop metrics nonce notify options options_help options_table server sandbox sandbox_calls service sha512 show tokens worker
TESTS = main test_api test_base64url test_http test_json test_jwt test_keys test_listen test_loop test_options test_server test_sha512

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
	@echo '$(COMPILE) / $(LINK)' | cmp -s - $@ || echo '$(COMPILE) / $(LINK)' >$@

$(BUILD)/%.o: %.c $(BUILD)/commands
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<

run: jwtd
	./jwtd --demo-key

test: jwtd $(BUILD)/unit
	BUILD=$(BUILD) sh test/run

# Needs wrk, and nginx to compare with: apt-get install wrk nginx-light. QUICK=1: shorter rounds.
bench: jwtd
	bench/run $(if $(QUICK),--quick)

clean:
	rm -rf build jwtd jwtd.new

.PHONY: all run test bench clean

-include $(wildcard $(BUILD)/*.d $(BUILD)/test/*.d)
