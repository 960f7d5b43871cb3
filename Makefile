# One runner with few verbs. Each makes what it needs from nothing but Python 3.11, pip and make.

UV_VERSION := 0.13.9
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := PYTHONPATH=.tools/uv .tools/uv/bin/uv
RUN := .venv/bin
THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
export UV_PYTHON_DOWNLOADS := never

.PHONY: demo test test-all test-slow check docs api-reference serve mlflow lock coder event-coding chronicle rules reference clean
.PHONY: bench-coder bench-ged bench-feeds bench-stores bench-page tried bench
.DEFAULT_GOAL := demo

demo: .venv/ready        ## from nothing to forecasts, on the embedded Chronicle
	$(THREADS) $(RUN)/trucecast demo

test: .venv/ready        ## the tests
	$(THREADS) $(RUN)/python -m pytest -n 2 -m "not slow" -q

test-all: .venv/spark .venv/client/ready .venv/dockerfile/ready    ## the slow suites too
	$(THREADS) $(RUN)/python -m pytest -n 2 -q

test-slow: .venv/spark .venv/client/ready .venv/dockerfile/ready   ## only what `make test` leaves out
	$(THREADS) $(RUN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m slow -q

check: .venv/ready       ## style, types and the laws of the house
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports

# NO_MKDOCS_2_WARNING: Material announces its successor at every build; that is no warning about these docs
docs: .venv/ready        ## the docs as a site, into build/site
	NO_MKDOCS_2_WARNING=1 $(RUN)/mkdocs build --strict

api-reference: .venv/ready    ## write docs/api-reference.md from the API's description
	$(RUN)/python -m service.api_reference

serve: .venv/ready       ## the prediction API on http://127.0.0.1:8000
	$(RUN)/trucecast serve

mlflow: .venv/ready      ## the MLflow UI at the experiment
	$(RUN)/trucecast mlflow

# make coder FEED=current_events.jsonl.gz GOLD=gold.csv: fit the event coder anew
coder: .venv/ready
	$(RUN)/python -m training.coder fit --feed $(FEED) --gold $(GOLD)

# make event-coding FEED=... GOLD=...: write docs/event-coding.md, how often the coder is right
event-coding: .venv/ready
	$(RUN)/python -m training.coder judge --feed $(FEED) --gold $(GOLD)

# make bench-coder [FEED=...]: time and memory of coding 140,000 bullets, beside a bag of words by scikit-learn
bench-coder: .venv/ready
	$(THREADS) $(RUN)/python -m benchmarks.event_coding $(if $(FEED),--feed $(FEED))

# make bench-ged: time and memory of importing a million made-up rows of UCDP GED, beside pandas
bench-ged: .venv/ready
	$(THREADS) $(RUN)/python -m benchmarks.ged_import

# make bench-feeds [ROWS=1000000]: roll up 100 million made rows on DuckDB, a tenth of them on Spark and in pandas
bench-feeds: .venv/spark
	$(RUN)/python -m benchmarks.feeds $(if $(ROWS),--rows $(ROWS))

# make bench: the API beside `mlflow models serve` and bare FastAPI; needs wrk and curl
bench: .venv/ready
	$(THREADS) $(RUN)/python -m benchmarks.serving

# make bench-stores [ROWS=100000]: many events and forecasts on SQLite and on PostgreSQL, side by side
bench-stores: .venv/ready
	$(THREADS) $(RUN)/python -m benchmarks.stores $(if $(ROWS),--rows $(ROWS))

# make bench-page: what the page waits for, over 2,000 truces and 100,000 events
bench-page: .venv/ready
	$(THREADS) $(RUN)/python -m benchmarks.page

# make chronicle FEED=current_events.jsonl.gz: code the news bullets anew into the embedded facts
chronicle: .venv/ready
	$(RUN)/python -m training.embed --feed $(FEED) --out truce/chronicle/events.parquet

# make reference: write the reference model and docs/reference-model.md from a fresh demo
reference: .venv/ready
	rm -rf build/reference
	$(THREADS) $(RUN)/trucecast --home build/reference demo
	$(THREADS) $(RUN)/python -m training.reference --home build/reference

# make rules DATA=FOLDER: write docs/rules.md, what each rule makes of the data sets in FOLDER (ccd/ ucdp_ged/ ucdp_pad/)
rules: .venv/ready
	$(THREADS) $(RUN)/python -m training.rules_page --data $(DATA)

# make tried VARIANTS=FILE.toml: try variants of the recipes on the development origins, into docs/tried.csv and docs/tried.md
tried: .venv/ready
	$(THREADS) $(RUN)/python -m training.trials --variants $(VARIANTS) --out docs/tried.csv

lock: .tools/uv/bin/uv   ## choose versions anew
	$(UV) pip compile pyproject.toml --group dev --python-version 3.11 --universal --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" -q --upgrade -o requirements.lock
	$(UV) pip compile --group pyproject.toml:spark --python-version 3.11 --universal --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" -q --upgrade -o requirements-spark.lock
	$(UV) pip compile --group pyproject.toml:client --python-version 3.11 --universal --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" -q --upgrade -o requirements-client.lock
	$(UV) pip compile --group pyproject.toml:dockerfile --python-version 3.11 --universal --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" -q --upgrade -o requirements-dockerfile.lock
	$(UV) pip compile pyproject.toml --group build --constraint requirements.lock --python-version 3.11 --universal --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" -q -o requirements-image.lock

.tools/uv/bin/uv:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "trucecast needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	"$(PYTHON)" -m pip install -q --disable-pip-version-check --target .tools/uv uv==$(UV_VERSION)

.venv/ready: requirements.lock pyproject.toml .tools/uv/bin/uv
	$(UV) venv -q --clear --python "$(PYTHON)" .venv
	$(UV) pip sync -q --compile-bytecode --python .venv --require-hashes requirements.lock
	$(UV) pip install -q --python .venv --no-deps --no-build-isolation -e .
	@touch $@

.venv/spark: .venv/ready requirements-spark.lock
	$(UV) pip install -q --compile-bytecode --python .venv --require-hashes -r requirements-spark.lock
	@touch $@

.venv/client/ready: .venv/ready requirements-client.lock
	$(UV) venv -q --clear --python "$(PYTHON)" .venv/client
	$(UV) pip sync -q --python .venv/client --require-hashes requirements-client.lock
	@touch $@

.venv/dockerfile/ready: .venv/ready requirements-dockerfile.lock
	$(UV) venv -q --clear --python "$(PYTHON)" .venv/dockerfile
	$(UV) pip sync -q --python .venv/dockerfile --require-hashes requirements-dockerfile.lock
	@touch $@

clean:
	rm -rf .venv .tools build dist *.egg-info
