docker build -t report .
docker run --name report --memory 64m report
docker update --memory 256m --memory-swap 256m report
docker start -a report
docker run --name thrifty -m 64m --entrypoint python report /report.py --lines
