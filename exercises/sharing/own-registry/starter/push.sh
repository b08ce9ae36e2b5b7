# What `docker push NAME` does, by hand:  sh push.sh localhost:5000/board:1
# Without an address, docker push goes to Docker Hub; without a tag, it takes latest.
set -eu
name=${1:?which image?}
case $name in
  localhost:*/*) ;;
  *) echo "$name is a name for Docker Hub, which cannot be reached from here" >&2; exit 1 ;;
esac
case ${name##*/} in *:*) ;; *) name=$name:latest ;; esac
api=http://${name%%/*}/v2 path=${name#*/} kind=application/vnd.docker
curl -fs "$api/" > /dev/null || { echo "no registry answers at ${name%%/*}" >&2; exit 1; }
repository=${path%:*} tag=${path##*:}
box=$(mktemp -d)
docker save -o "$box/image.tar" "$name"
tar -xf "$box/image.tar" -C "$box"

send() {
  digest=sha256:$(sha256sum < "$1" | cut -c -64)
  size=$(wc -c < "$1")
  if curl -fsI "$api/$repository/blobs/$digest" > "$box/answer"; then
    echo "$2 $digest: already there"
  else
    curl -fsi -X POST "$api/$repository/blobs/uploads/" > "$box/answer"
    to=$(sed -n 's/\r$//; s/^[Ll]ocation: //p' "$box/answer")
    curl -fs -X PUT -H 'Content-Type: application/octet-stream' --data-binary @"$1" "$to&digest=$digest"
    echo "$2 $digest: sent, $size bytes"
  fi
  jq -n --arg kind "$kind.$3" --arg digest "$digest" --argjson size "$size" \
    '{mediaType: $kind, digest: $digest, size: $size}' >> "$box/$2"
}

for layer in $(jq -r '.[0].Layers[]' "$box/manifest.json"); do
  gzip -nc "$box/$layer" > "$box/packed"
  send "$box/packed" layer image.rootfs.diff.tar.gzip
done
send "$box/$(jq -r '.[0].Config' "$box/manifest.json")" config container.image.v1+json
kind=$kind.distribution.manifest.v2+json
jq -n --arg kind "$kind" --slurpfile config "$box/config" --slurpfile layers "$box/layer" \
  '{schemaVersion: 2, mediaType: $kind, config: $config[0], layers: $layers}' > "$box/list"
curl -fs -X PUT -H "Content-Type: $kind" --data-binary @"$box/list" "$api/$repository/manifests/$tag"
echo "$repository:$tag is now sha256:$(sha256sum < "$box/list" | cut -c -64)"
rm -r "$box"
