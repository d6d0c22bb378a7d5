#!/bin/sh
# Rolls a die for whoever says !roll in the lobby, and tells the time to whoever says !time.
hubbub tail -f -N 0 -n dicebot | while read -r _ _ _ _ name text; do
  case "$name $text" in
    dicebot:*) ;; # That was me.
    *': !time') hubbub send -n dicebot "${name%:}: it is $(date +%H:%M)" ;;
    *': !roll') hubbub send -n dicebot "${name%:} rolls $(($(od -An -N1 -tu1 /dev/urandom) % 6 + 1))" ;;
  esac
done
