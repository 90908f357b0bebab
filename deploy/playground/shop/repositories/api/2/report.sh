# A line per article, for those who read mail.
echo "report $VERSION, $(date -u)"
awk -F , 'NR > 1 { printf "%-10s %4d pieces\n", $1, $2; sum += $2 } END { printf "%-10s %4d pieces\n", "all", sum }' /srv/stock.csv
