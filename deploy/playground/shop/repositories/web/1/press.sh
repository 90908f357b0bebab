# Makes the pages that are served out of those that are written.
set -eu
mkdir -p /www
cp pages/* /www/
echo "pressed $(ls pages | wc -l) pages"
