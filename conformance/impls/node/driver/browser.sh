#!/bin/sh
# Stands in for a browser: notes the address it should have opened.
printf '%s\n' "$1" >>"$ADDRESSES"
