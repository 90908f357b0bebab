# Wants more memory than it may have. It stops by itself at 512 MiB, in case
# that somebody runs it without a limit.
echo "store $VERSION: loading the whole ledger"
sleep 1
ledger=xxxxxxxxxxxxxxxx
while [ "${#ledger}" -lt 536870912 ]; do
	ledger=$ledger$ledger
done
echo "store $VERSION: nobody stopped me"
exit 1
