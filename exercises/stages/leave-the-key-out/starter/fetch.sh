# Fetches the board's theme for those who have the key. (What is fetched stands in this file, so that it works offline.)
set -e
found=$(sha256sum < key.txt | cut -d' ' -f1)
[ "$found" = ebdf4ba41c98218188b6a9f54f1a1505097ef4cf6f23a89f6af423ea49e3e50c ] || { echo "the key is wrong"; exit 1; }
mkdir -p page
echo 'body { color: darkslateblue }' > page/theme.css
echo '<link rel="stylesheet" href="theme.css"><h1>Study board</h1>' > page/index.html
