# 匠心. `make demo` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
PEOPLE ?= 20000
COMPILE = $(RUN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" --extra build

.DEFAULT_GOAL := help
.PHONY: help demo test quick lint bench shots lock vendor clean

help: ## what there is
	@grep -hE '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

# Made anew unless it was made whole: a first start may have been cut off.
$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "需要 Python 3.11 或更新的版本（可以这样指定：make demo PYTHON=python3.12）。" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { echo "不能建立虚拟环境，请先安装 python3-venv。" >&2; exit 1; }
	@touch $@

# What was installed is kept beside the environment: unchanged lists install nothing.
define install
	@test "$$(cat pyproject.toml $(1) | cksum)" = "$$(cat $(VENV)/installed.$(2) 2>/dev/null)" || { \
		echo "安装依赖（按校验和）……"; \
		$(RUN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) && \
		$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . && \
		cat pyproject.toml $(1) | cksum > $(VENV)/installed.$(2); }
endef

.PHONY: run-environment test-environment
run-environment: $(VENV)/made
	$(call install,requirements/run.txt,run)

test-environment: run-environment
	$(call install,requirements/test.txt,test)

demo: run-environment ## the whole system with synthetic people; PEOPLE=20000, Ctrl-C stops it
	@$(RUN)/jiangxin demo --people $(PEOPLE)

test: test-environment ## every test, in a real browser too
	@$(RUN)/python -m tests.browser
	@$(RUN)/python -m pytest -n 2 --dist loadfile $(ARGS)

quick: test-environment ## before each commit: the house and the chapters that changed; no browser, no races
	@$(RUN)/python -m pytest -n 2 --dist loadfile -m "not slow" $$($(RUN)/python -m tests.changed) $(ARGS)

lint: test-environment ## style, types, directions of import
	@$(RUN)/ruff check .
	@$(RUN)/lint-imports
	@$(RUN)/mypy

bench: test-environment ## ratios against the floor, written to build/bench.json
	@$(RUN)/python -m tests.bench

shots: test-environment ## pictures of every page, into build/shots
	@$(RUN)/python -m tests.browser
	@$(RUN)/python -m tests.shots

lock: test-environment ## renew requirements/*.txt from pyproject.toml
	$(COMPILE) pyproject.toml -o requirements/run.txt
	$(COMPILE) --extra test -c requirements/run.txt pyproject.toml -o requirements/test.txt

vendor: ## renew the third-party browser files (needs npm)
	@scripts/vendor

clean: ## remove what was built; data and secrets stay
	rm -rf $(VENV) build node_modules *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
