# Ends at once when asked to, so that a rollout does not wait for it.
trap 'exit 0' TERM INT
httpd -f -p 8080 -h /www &
echo ok > /www/ready
echo "web $VERSION: serving on 8080"
wait
