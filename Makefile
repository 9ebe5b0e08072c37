# Everything a person does here, each in one word. Works with GNU make 3.81 and newer.
GROUPS = local migrate applications booking cards feedback gateway notifications statistics
COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.PHONY: help run test check bench reset doctor docs lock
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' Makefile | awk 'BEGIN { FS = ":.*## " } { printf "  make %-8s %s\n", $$1, $$2 }'

run: .venv/.local-installed ## Start everything: PostgreSQL, Kafka, a mailbox and all services
	@.venv/bin/python -m deploy.local.run

test: .venv/.dev-installed ## Run all tests
	.venv/bin/python -m pytest tests --ignore=tests/bench -n 2 --dist loadfile

check: .venv/.dev-installed ## Run linters, type checks, architecture and contract tests
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy --strict deploy services shared tests
	.venv/bin/lint-imports
	.venv/bin/hadolint deploy/Dockerfile
	.venv/bin/python -m pytest tests/architecture tests/contract

bench: .venv/.dev-installed ## Measure throughput and waiting times
	.venv/bin/python -m tests.bench

reset: ## Delete everything the embedded start keeps (databases, events, mail, keys)
	@if [ -x .venv/bin/python ]; then .venv/bin/python -m deploy.local.reset; else rm -rf .local; fi

doctor: ## Look for what could keep this from running, with remedies
	@command -v "$${PYTHON:-python3}" >/dev/null || { echo "Python is missing: install Python 3.11 or newer."; exit 1; }
	@"$${PYTHON:-python3}" deploy/local/doctor.py

docs: .venv/.dev-installed ## Generate the reference pages
	.venv/bin/python -m docs.generate

lock: .venv/.dev-installed ## Resolve the dependencies anew (delete locks/dev.txt first to take newer versions)
	$(COMPILE) --group dev -o locks/dev.txt
	for group in $(GROUPS); do $(COMPILE) --group $$group -c locks/dev.txt -o locks/$$group.txt || exit 1; done

.venv/.local-installed: locks/local.txt locks/uv.txt
	@sh deploy/local/bootstrap.sh local

.venv/.dev-installed: locks/dev.txt locks/uv.txt
	@sh deploy/local/bootstrap.sh dev
