# Everything that a person or CI does with the project. `make` alone lists it.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin

# Where compiled modules must not be kept, each of the many processes that the tests start would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List these commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: venv
venv: ## Set up .venv as requirements.lock says; again only when something changed (PYTHON=… picks the interpreter)
	@tools/venv.sh

.PHONY: services
services: ## Install RabbitMQ, PostgreSQL and Chromium from Debian's packages where missing; starts nothing
	@tools/services.sh

.PHONY: demo
demo: venv ## Send messages from a simulated EPJ to a simulated omsorgssystem, on the embedded gateway
	@$(BIN)/medcom-gateway demo

.PHONY: serve
serve: venv ## Run the gateway with the settings of the environment (MEDCOM_…)
	@$(BIN)/medcom-gateway serve

.PHONY: check
check: venv ## Lint, format, types, layers, compose files, locks, links and stray machine traces
	@tools/check.sh

.PHONY: test
test: services venv ## Run every test, against real services
	@$(BIN)/pytest -n 3 --dist loadfile

.PHONY: test-fast
test-fast: venv ## Run the tests that need no service
	@$(BIN)/pytest tests/unit tests/properties

.PHONY: bench
bench: services venv ## Measure throughput and latency beside the machine's own limit
	@$(BIN)/medcom-gateway bench

.PHONY: fuzz
fuzz: venv ## Look for an input that the reader cannot stand, for ten minutes (SECONDS=…, CORPUS=folder of more files)
	@nice $(BIN)/python -m tools.fuzz --seconds $(or $(SECONDS),600) $(addprefix --corpus ,$(CORPUS))

.PHONY: lock
lock: ## Pin what pyproject.toml asks for, with hashes (UPGRADE=1 takes newer releases)
	@tools/lock.sh

.PHONY: secrets
secrets: ## Make passwords for docker-compose.yml in deploy/secrets, where there are none
	@tools/secrets.sh

.PHONY: clean
clean: ## Remove .venv, caches and build results; data stays
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
