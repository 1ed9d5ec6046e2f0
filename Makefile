# Telecom Helpdesk for Odoo 19. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test lint bench db shell i18n lock stop clean

GROUNDWORK = .ground/venv/bin/python -m groundwork

help: ## this list
	@sed -n 's/^\([a-z0-9]*\):[^#]*## /\1\t/p' Makefile | expand -t 10

run: ## everything needed, a database with demo data, Odoo and a mail pair [PORT=8069 DB=telecom]
	@scripts/ground
	@$(GROUNDWORK) run

test: ## all tests, or some [ARGS="-k name addons/telecom_helpdesk" DEMO=1 DAY=2028-02-29]
	@scripts/ground --browser
	@$(GROUNDWORK) test $(if $(filter 1 yes true,$(DEMO)),--demo) $(ARGS)

lint: ## style, Odoo's rules, XML, translations
	@scripts/ground
	@$(GROUNDWORK) lint

bench: ## measurements beside the peer and the bare model [ARGS=...]
	@scripts/ground
	@.ground/venv/bin/python -m bench $(ARGS)

db: ## a fresh database with all addons, DB=name [DEMO=1 with demo data, DAY=2028-02-29 made then]
	@test -n "$(DB)" || { echo "which database? make db DB=name [DEMO=1]" >&2; exit 2; }
	@scripts/ground
	@$(GROUNDWORK) db "$(DB)" $(if $(filter 1 yes true,$(DEMO)),--demo)

shell: ## Odoo's Python shell on a database, DB=name
	@test -n "$(DB)" || { echo "which database? make shell DB=name" >&2; exit 2; }
	@scripts/odoo shell -d "$(DB)" --no-http --log-level=warn

i18n: ## brings the addons' .pot and .po files up to date
	@scripts/ground
	@$(GROUNDWORK) i18n

lock: ## pins the newest Python packages in requirements*.txt
	@scripts/ground
	@$(GROUNDWORK) lock

stop: ## stops the private PostgreSQL server
	@[ ! -x .ground/venv/bin/python ] || $(GROUNDWORK) stop

clean: stop ## removes .ground/: Odoo, Python packages, databases and all
	@[ ! -x .ground/venv/bin/python ] || $(GROUNDWORK) clean
	@rm -rf .ground
