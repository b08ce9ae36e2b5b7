docker build -t report .
docker run --name report --memory 64m report
docker start -a report
docker run --name thrifty --memory 64m report --lines
