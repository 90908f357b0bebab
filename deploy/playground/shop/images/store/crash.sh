# Says why, and fails.
echo "store $VERSION: opening the ledger"
echo "store $VERSION: ledger has version 2, this store writes version 3" >&2
echo "store $VERSION: fatal: run the migration first" >&2
exit 1
