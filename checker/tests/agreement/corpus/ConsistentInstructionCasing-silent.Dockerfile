from debian:12
run ls
copy a /a
