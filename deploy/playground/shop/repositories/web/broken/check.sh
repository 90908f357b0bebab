# Every page has a language and a footer.
set -eu
for page in pages/*; do
	echo "checking $page"
	grep -q 'lang=' "$page" || { echo "error: $page: no language" >&2; exit 1; }
	grep -q '<footer>' "$page" || { echo "error: $page: no <footer>; every page needs one" >&2; exit 1; }
done
