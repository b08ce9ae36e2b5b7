# Says on which Linux it runs, and from which base its image claims to be built.
. /etc/os-release
echo "Linux: $ID, built from $(cat /app/base.txt)"
