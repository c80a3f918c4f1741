#!/bin/sh
# The folders of config/asterisk.conf for ./dev run: everything that is written lies under run/.
set -eu
cd "$(dirname "$0")/.."
[ -e run/share/sounds/en ] && [ -e run/share/moh ] && exit 0
mkdir -p run/share/sounds run/lib/keys run/log run/spool
ln -sfn /usr/share/asterisk/sounds/en_US_f_Allison run/share/sounds/en
ln -sfn /usr/share/asterisk/moh run/share/moh
echo "==> run/ prepared: prompts and music are links to Debian's packages" >&2
