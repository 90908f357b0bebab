# Turns the stock into what is answered.
set -eu
mkdir -p /www
shelf=1
while [ "$shelf" -le 20 ]; do
	echo "counting shelf $shelf of 20"
	sleep 0.03
	shelf=$((shelf + 1))
done
awk -F , 'NR > 1 { printf "%s{\"article\":\"%s\",\"pieces\":%s}", (NR > 2 ? "," : "["), $1, $2 } END { print "]" }' stock.csv > /www/stock
cat /www/stock
