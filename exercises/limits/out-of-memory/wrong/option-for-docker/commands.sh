docker build -t report .
docker run --name report --memory 256m report
docker run --name thrifty --memory 64m --lines report
