# The names of what can be run. `make test` is what must pass before a change is done.
SHELL := bash
GO ?= go
FUZZTIME ?= 20s

.PHONY: test check verify prove fuzz bench boot profiles golden nightly tools

# tools installs with apt what the tests use and the machine lacks; without root or apt they skip.
tools:
	@.ci/tools

# test builds everything and runs every test, in the order of the packages.
test: tools check
	$(GO) test -timeout 40m ./...
	.ci/dpdk
	.ci/arm64

# check is quick: format, vet, layers and style.
check:
	$(GO) build ./...
	$(GO) vet ./...
	$(GO) test -count=1 .

# verify proves every network function of the repository.
verify:
	for nf in nfs/*/; do $(GO) run ./cmd/vigor verify -v ./$$nf || exit; done

# prove proves libvig's bodies against their contracts, and compares with libvig/proofs.lock.
prove: tools
	$(GO) run ./cmd/vigor prove ./libvig --seconds

# fuzz runs each fuzz target for FUZZTIME.
fuzz:
	.ci/fuzz $(FUZZTIME)

# bench measures every NF that says what traffic it needs, then the packages' own benchmarks.
bench:
	$(GO) run ./cmd/vigor bench $(BENCHFLAGS)
	$(GO) test -run '^$$' -bench . -benchmem ./packet ./nf ./libvig ./nfs/... ./dataplane/...

# profiles records where the NFs spend their time, for the compiler: on a quiet machine, after changes of the data path.
profiles:
	$(GO) run ./cmd/vigor bench --rounds 100 --traffic random,sequential,reply,miss --record bin/profiles
	for p in bin/profiles/*.pgo; do mv $$p nfs/$$(basename $$p .pgo)/default.pgo; done

# boot makes the bootable image of the NAT, boots it in QEMU, and shows packets before and after.
boot: tools
	$(GO) run ./cmd/vigor image ./nfs/nat --config nfs/nat/nat.yaml -o nat.img --run

# golden rewrites the expected outputs; read the difference before committing it.
golden:
	$(GO) test . ./internal/diag ./verify ./cmd/vigor ./nfs/bridge ./nfs/policer ./nfs/loadbalancer -run 'Test(Tutorial|Text|JSON|Scripts|Translation|Capture)' -update
	git diff --stat

# nightly also changes libvig by one token at a time in every way there is, and verifies every mutant of each
# network function, not a few as test does.
nightly: test verify prove bench
	$(GO) test -count=1 -timeout 60m ./internal/prove -run TestMutants -mutants.all
	$(GO) test -count=1 -timeout 60m $$(grep -lr --include='*_test.go' vigor/verify/verifytest nfs | xargs dirname | sort -u | sed 's,^,./,') -run 'Test(Mutants|Equivalents)' -mutants.all
	$(GO) test -count=1 ./internal/program -run TestImagesAreAlike -image.clean
	$(GO) test -count=1 -race -timeout 60m ./driver/virtio ./driver/ixgbe -run 'Test(Random|Exhaustive|Concurrent)' -driver.long
	.ci/arm64 Hints
	.ci/fuzz 5m
