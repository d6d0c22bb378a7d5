#!/bin/sh
# Tells the time to whoever says !time in the lobby, and rolls a die for whoever says !roll.
say() { hubbub send -n dicebot "${name%:}: $1"; }
hubbub tail -f -N 0 -n dicebot | while read -r _ _ _ _ name text; do
  [ "$name" = dicebot: ] && continue # That was me.
  case $text in
    '!time') say "it is $(date +%H:%M)" ;;
    '!roll') say "$(($(od -An -N1 -tu1 /dev/urandom) % 6 + 1))" ;;
  esac
done
