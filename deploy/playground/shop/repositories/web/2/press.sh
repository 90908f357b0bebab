# Makes the pages that are served: those that are written, and one for each
# article of the catalogue.
set -eu
articles=72
mkdir -p /www/articles
cp pages/* /www/
echo "pressing $articles articles"
article=1
while [ "$article" -le "$articles" ]; do
	file=articles/$article.html
	sed -e "s/The shop/Article $article/" pages/index.html > "/www/$file"
	sum=$(md5sum "/www/$file" | cut -c 1-8)
	printf '\033[2m%2d/%d\033[0m %-18s \033[32m%s\033[0m\n' "$article" "$articles" "$file" "$sum"
	sleep 0.04
	article=$((article + 1))
done
echo "pressed $((articles + $(ls pages | wc -l))) pages"
