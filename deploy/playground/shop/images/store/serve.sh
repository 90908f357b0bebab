# Ends at once when asked to, so that a rollout does not wait for it.
trap 'exit 0' TERM INT
echo "$VERSION" > /www/version
echo ok > /www/ready
httpd -f -p 8080 -h /www &
echo "store $VERSION: serving on 8080"
wait
