# Appends a session to requests sorted by client and time: half an hour of silence ends one.

BEGIN { FS = OFS = "\t" }

$2 != client { client = $2; number = 0; last = $1 }
$1 - last > 1800 { number++ }
{ last = $1; print $0, client "-" number }
