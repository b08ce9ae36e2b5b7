docker build -t report .
docker run --name report report
docker run --name thrifty --memory 64m --cpus 2 report
