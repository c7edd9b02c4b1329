# The commands of this repository. "make" alone lists them.

.DEFAULT_GOAL := help
.PHONY: help up url mail logs replay down smoke e2e load endpoint generate test scan race install synth diff drift cost snapshot changes sbom preflight deploy release rollback clean

stages := dev|staging|prod|local
# Expanded only in targets that need a stage, so that the other targets work without STAGE.
# PROFILE=lean or full replaces the controls that the stage has chosen.
stage = --context stage=$(or $(STAGE),$(error name the stage: make $@ STAGE=$(stages))) $(if $(PROFILE),--context profile=$(PROFILE))
approval = $(if $(CI),--require-approval never)
# A test of the stage at URL; STATE is the folder of a local stage that make up did not start.
remote = go test -count=1 -timeout 10m ./test/remote
target = -url "$(or $(URL),$(error name the stage: make $@ URL=https://api-dev.expenzez.com))" -state "$(STATE)"
cli := node_modules/.package-lock.json

help: ## list the targets
	@awk -F ': .*## ' '/^[a-z0-9]+: .*## / { printf "%-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## run the backend on this machine, or update it; prints its URL
	@go run ./local/cmd/stage up

url: ## print the URL of the backend on this machine
	@go run ./local/cmd/stage url

mail: ## print the e-mails that AWS would send
	@go run ./local/cmd/stage mail

logs: ## print its functions' logs; NAME=login for those whose name contains login
	@go run ./local/cmd/stage logs $(NAME)

replay: ## send the dead letters of QUEUE to the queue again
	@go run ./local/cmd/stage replay $(or $(QUEUE),$(error name the queue: make $@ QUEUE=expenzez-local-…))

down: ## stop the backend and delete its data
	@go run ./local/cmd/stage down

smoke: ## check that the stage at URL answers and refuses strangers; writes nothing
	@$(remote) -run '^TestStage_Smoke$$' $(target)

e2e: ## use and attack the stage at URL as two throw-away users, who are deleted at the end
	@$(remote) -run '^TestStage_EndToEnd$$' $(target)

load: ## create transactions at the stage at URL for half a minute and check the thresholds; TOKEN in the environment for a user of yours
	@$(remote) -v -run '^TestStage_Load$$' $(target)

endpoint: ## begin the operation OP=getMemberSince of api/openapi.yaml in DOMAIN=profile; STACK=transactions for a new domain
	@go run ./internal/endpoint -op "$(or $(OP),$(error name the operation: make endpoint OP=getMemberSince))" -domain "$(DOMAIN)" -stack "$(STACK)" -money "$(MONEY)" -plain "$(PLAIN)"

# Each command reads what those before it wrote: the pages of costs and functions have the measured operations.
generate: ## write anew the figures and pages that come from declarations; read what changed before you commit it
	go test ./lambdas -run 'TestOperations_AWSCalls|TestTables_Page' -update
	go test ./internal/cost -run TestFunctionsPage_Page -update
	go run ./internal/architecture
	POLICY_UPDATE=1 go test ./cdk_test -timeout 30m -run 'TestAcceptances|TestCostPage' -update

test: install ## check and test everything, the quick parts first
	go vet ./...
	go tool staticcheck ./...
	go test -p 2 -timeout 15m $$(go list ./... | grep -v -e /local -e /test/)
	go test -p 2 -timeout 30m $$(go list ./... | grep -e /local -e /test/)

scan: $(cli) ## find known vulnerabilities in what is built with, and secrets in every commit
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...
	npm audit --audit-level=high
	go test -count=1 ./internal/repotest -run 'Secrets|SecretScan'

race: ## test the functions' code under the race detector; needs a C compiler
	go test -race -p 2 -timeout 15m $$(go list ./lambdas/... | grep -v -e /pdftext -e /statement -e /billdetect) # PDFium and the figures of bills take minutes there

install: ## install the CDK CLI and the local AWS engine
	@go run ./local/cmd/stage install

synth: $(cli) ## write the templates of STAGE to cdk.out
	npx cdk synth --quiet $(stage)

diff: $(cli) ## show what deploying STAGE would change; METHOD=template only reads
	npx cdk diff --method=$(or $(METHOD),auto) $(stage)

drift: ## fail if a resource of STAGE differs from its template, but for what releases change
	@go run ./delivery/cmd/drift -stage "$(or $(STAGE),$(error name the stage: make $@ STAGE=$(stages)))"

cost: $(cli) ## print what STAGE costs in a month; PROFILE=lean or full for another choice of controls
	@rm -rf .build/cost
	@CDK_VALIDATION=false npx cdk synth --quiet --output .build/cost $(stage) >&2
	@go run ./internal/cost/cmd/cost -stage "$(STAGE)" -profile "$(PROFILE)" -templates .build/cost

parent: ## check out what this merge commit merges into, to the new folder OUT
	@git worktree add --detach "$(or $(OUT),$(error name a new folder: make $@ OUT=base))" HEAD^1

snapshot: $(cli) ## write what this commit deploys, may do and costs to OUT, for "make changes"
	@go run ./delivery/cmd/snapshot -out "$(or $(OUT),$(error name a new folder: make $@ OUT=/tmp/head))"

# The shell reads LABELS, and make does not expand it: users of GitHub choose the names of labels.
changes: $(cli) ## compare the snapshots BASE and HEAD as a pull request does; LABELS=allow-higher-cost accepts
	@go run ./delivery/cmd/compare -base "$(or $(BASE),$(error name the snapshots: make $@ BASE=/tmp/base HEAD=/tmp/head))" -head "$(HEAD)" -labels "$$LABELS" -out "$(OUT)"

sbom: ## write what is in the functions of the last synth to OUT, as a CycloneDX document
	@go run ./delivery/cmd/sbom -out "$(or $(OUT),$(error name the file: make $@ OUT=sbom.json))"

preflight: ## check the AWS account before STAGE is deployed to it; only reads
	@go run ./internal/preflight/cmd/preflight $(PREFLIGHT) -stage $(or $(STAGE),$(error name the stage: make $@ STAGE=$(stages)))

# In a workflow no one answers at a terminal: reviewers have approved the pull request's access diff. PREFLIGHT=-lookup
# reads as the only role that a workflow may read with.
deploy: $(cli) ## check the account and deploy STAGE with the AWS credentials of this shell
	go run ./internal/preflight/cmd/preflight $(PREFLIGHT) -stage $(STAGE) -before mail
	npx cdk deploy $(approval) expenzez-$(STAGE)-mail $(stage)
	go run ./internal/preflight/cmd/preflight $(PREFLIGHT) -stage $(STAGE) -before stacks
	npx cdk deploy $(approval) --all $(stage)
	$(MAKE) release STAGE=$(STAGE)
	-go run ./internal/preflight/cmd/preflight $(PREFLIGHT) -stage $(STAGE) -before users

# APPROVED_BY and RECORD are optional: who let the release begin, and the file for the record.
releasing = go run ./delivery/cmd/release -stage $(or $(STAGE),$(error name the stage: make $@ STAGE=$(stages))) -approved-by "$(APPROVED_BY)" -record "$(RECORD)" -owner "$(OWNER)"

release: ## make live what is deployed to STAGE, all functions together; in prod a part of the requests first
	$(releasing) -commit "$$(git rev-parse HEAD)" $(RELEASE_FLAGS)

rollback: ## take back the release of STAGE that runs, or the last committed one
	$(releasing) -rollback $(RELEASE_FLAGS)

clean: down ## stop the backend; remove all generated files and installed tools
	rm -rf .build .local cdk.out node_modules

$(cli): package-lock.json
	npm ci
