# Turns the stock into what is answered, with prices.
set -eu
mkdir -p /www
[ -f prices.csv ] || { echo "error: prices.csv is not there: who has the prices?" >&2; exit 1; }
