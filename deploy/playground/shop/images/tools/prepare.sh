# Runs before the shop's page, and ends.
echo "tools $VERSION: preparing"
[ -d /prepared ] && date -u > /prepared/at
echo "tools $VERSION: done"
