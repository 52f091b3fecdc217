# Two commands matter: make demo, make test. The rest is for people who work on Basalt. meson and ninja do the work.
prefix ?= /usr/local

.PHONY: all demo test check install bench fuzz interop soak clean
all: build/release/build.ninja
	ninja -C build/release
demo: all
	scripts/demo build/release/tools/basalt/basalt
test: build/test/build.ninja
	scripts/test build/test
check: build/release/build.ninja
	scripts/check
install: all
	meson configure build/release --prefix=$(abspath $(prefix))
	meson install -C build/release
bench: all
	scripts/bench build/release
fuzz:
	scripts/setup
	scripts/fuzz
interop: build/test/build.ninja
	scripts/interop-peers
	TEST_ARGS='--suite interop' scripts/test build/test
# What a test does a few dozen times, a thousand times; a primary hub is killed 100 times, not 5; of each BACnet type 100,000
# random values go through the codec and through JSON, not 1,000.
soak: build/test/build.ninja
	BASALT_ROUNDS=100000 TEST_ARGS='--timeout-multiplier 60 bacnet/schema' scripts/test build/test
	BASALT_KILLS=1000 TEST_ARGS='--timeout-multiplier 20 app/knx_kill store/kill' scripts/test build/test
	BASALT_KILLS=100 TEST_ARGS='--timeout-multiplier 20 --verbose app/failover_kill' scripts/test build/test
	BASALT_KILLS=1000 TEST_ARGS='--timeout-multiplier 20 cli/values' scripts/test build/test
clean:
	rm -rf build

build/release/build.ninja:
	scripts/setup
	meson setup build/release --prefix=$(prefix) -Dtests=false -Db_lto=true
build/test/build.ninja:
	scripts/setup
	meson setup build/test --buildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false
