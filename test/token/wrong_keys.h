	{ "a public key in PEM",
	  BYTES("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3es7okcR"
	  "UmMro/ri9syE\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\n"
	  "-----END PUBLIC KEY-----\n"), 0,
	  FOREIGN("PEM (PUBLIC KEY)") },
	{ "an RSA public key in PEM",
	  BYTES("-----BEGIN RSA PUBLIC KEY-----\nMEgCQQDdnwVSaGB4TEJdY8Uk6+V9Fm0mg7y3L+Cc8pDygigp"
	  "ZmcrpzbruMZgNr91\nQn2IJSOUYM4X6se8tW7bBQMEX+6hAgMBAAE=\n-----END RSA PUBLIC KEY-"
	  "----\n"), 0,
	  FOREIGN("PEM (RSA PUBLIC KEY)") },
	{ "a private key in PEM",
	  BYTES("-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAku"
	  "hQbZ4yQdhV+3+\nnEZ5qw5uasnJNLEzPn1I8D1JQ9ihRANCAASCjXPo32Dd6zuiRxFSYyuj+uL2zISh\n"
	  "JxB5vqoMIANqOMxEdTKNC+Q/F6iZW7s5S/F9pBktu8Sk5psPQmNrcMqq\n-----END PRIVATE KEY--"
	  "---\n"), 0,
	  FOREIGN("PEM (PRIVATE KEY)") },
	{ "an encrypted private key in PEM",
	  BYTES("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFD"
	  "DAcBAhW\n"), 0,
	  FOREIGN("PEM (ENCRYPTED PRIVATE KEY)") },
	{ "SEC1 in PEM",
	  BYTES("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIAJLoUG2eMkHYVft/pxGeasObmrJyTSxMz59SPA9"
	  "SUPYoAoGCCqGSM49\nAwEHoUQDQgAEgo1z6N9g3es7okcRUmMro/ri9syEoScQeb6qDCADajjMRHUyjQ"
	  "vk\nPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\n-----END EC PRIVATE KEY-----\n"), 0,
	  FOREIGN("PEM (EC PRIVATE KEY)") },
	{ "a certificate",
	  BYTES("-----BEGIN CERTIFICATE-----\nMIIBbDCCAROgAwIBAgIUITFMLb2e6wqHvy3QOYJ13zeRqVIwCgY"
	  "IKoZIzj0EAwIw\nDDEKMAgGA1UEAwwBYTAeFw0yNjExMjYxNTIxMzVaFw0yNjExMjcxNTIxMzVaMAwx\n"
	  "CjAIBgNVBAMMAWEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASCjXPo32Dd6zui\n"
	  "RxFSYyuj+uL2zIShJxB5vqoMIANqOMxEdTKNC+Q/F6iZW7s5S/F9pBktu8Sk5psP\n"
	  "QmNrcMqqo1MwUTAdBgNVHQ4EFgQUEzLbfr3gzS07HAUJmm+/8IlfB3kwHwYDVR0j\n"
	  "BBgwFoAUEzLbfr3gzS07HAUJmm+/8IlfB3kwDwYDVR0TAQH/BAUwAwEB/zAKBggq\n"
	  "hkjOPQQDAgNHADBEAiBDcQD+qniQpjBujmuLJ1pFSmyMpe+qdnhl2Iea7Z0QOgIg\n"
	  "Hle639eghhwm4fe/HdWovbt1RtSNLyuhaUYTa507B/A=\n-----END CERTIFICATE-----\n"), 0,
	  FOREIGN("PEM (CERTIFICATE)") },
	{ "a request for one",
	  BYTES("-----BEGIN CERTIFICATE REQUEST-----\nMIHFMG4CAQAwDDEKMAgGA1UEAwwBYTBZMBMGByqGSM4"
	  "9AgEGCCqGSM49\n"), 0,
	  FOREIGN("PEM (CERTIFICATE REQUEST)") },
	{ "PEM behind text",
	  BYTES("Subject: CN=a\n    Issuer: b\n-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKo"
	  "ZIzj0DAQcDQgAEgo1z6N9g3es7okcRUmMro/ri9syE\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvx"
	  "faQZLbvEpOabD0Jja3DKqg==\n-----END PUBLIC KEY-----\n"), 0,
	  FOREIGN("PEM (PUBLIC KEY)") },
	{ "PEM behind blank lines",
	  BYTES("\n\n\n-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3e"
	  "s7okcRUmMro/ri9syE\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg=="
	  "\n-----END PUBLIC KEY-----\n"), 0,
	  FOREIGN("PEM (PUBLIC KEY)") },
	{ "PEM behind a byte order mark",
	  BYTES("\xef\xbb\xbf-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z"
	  "6N9g3es7okcRUmMro/ri9syE\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3"
	  "DKqg==\n-----END PUBLIC KEY-----\n"), 0,
	  FOREIGN("PEM (PUBLIC KEY)") },
	{ "PEM with CR LF",
	  BYTES("-----BEGIN PUBLIC KEY-----\r\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3es7ok"
	  "cRUmMro/ri9syE\r\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\r"
	  "\n-----END PUBLIC KEY-----\r\n"), 0,
	  FOREIGN("PEM (PUBLIC KEY)") },
	{ "PEM in one line, from an environment",
	  BYTES("-----BEGIN PUBLIC KEY-----\\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3es7okc"
	  "RUmMro/ri9syE\\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\\n-"
	  "----END PUBLIC KEY-----\\n"), 0,
	  FOREIGN("PEM (PUBLIC KEY)") },
	{ "PEM in JSON's array",
	  BYTES("[\"-----BEGIN PUBLIC KEY-----\\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3es7"
	  "okcRUmMro/ri9syE\\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\\"
	  "n-----END PUBLIC KEY-----\\n\"]"), 0,
	  FOREIGN("PEM (PUBLIC KEY)") },
	{ "PEM that lost its head",
	  BYTES("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3es7okcRUmMro/ri9syE\n"
	  "oScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\n"
	  "-----END PUBLIC KEY-----\n"), 0,
	  FOREIGN("PEM") },
	{ "PEM with an odd label",
	  BYTES("-----BEGIN some key-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3es7okcRUm"
	  "Mro/ri9syE\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\n"
	  "-----END PUBLIC KEY-----\n"), 0,
	  FOREIGN("PEM") },
	{ "PEM without an end",
	  BYTES("-----BEGIN PUBLIC KEY"), 0,
	  FOREIGN("PEM") },
	{ "an OpenSSH private key",
	  BYTES("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQA"
	  "AAAAAAAABAAAAMwAAAAtzc2gtZW\nQyNTUxOQAAACAyfYFMbIip+ZArpClpzS7Zg93COri505tCoZF5t"
	  "42qMAAAAIgt0hONLdIT\njQAAAAtzc2gtZWQyNTUxOQAAACAyfYFMbIip+ZArpClpzS7Zg93COri505t"
	  "CoZF5t42qMA\nAAAECYY1yocSHpr2DYhNSD1bxjmQIv/pZmV97sNEjtBnaOXTJ9gUxsiKn5kCukKWnNL"
	  "tmD\n3cI6uLnTm0KhkXm3jaowAAAAA3VAaAEC\n-----END OPENSSH PRIVATE KEY-----\n"), 0,
	  FOREIGN("PEM (OPENSSH PRIVATE KEY)") },
	{ "GPG's armour",
	  BYTES("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEawhO2RYJKwYBBAHaRw8BAQdAFWfSrr9l1GKU"
	  "y3V/4gK9oXMIUNQfL9QXpxdI\nU7bkOrS0B0EgPGFAYj6IlgQTFggAPhYhBD8oMr/vds94pz9aXHEEik"
	  "Ocw14YBQJr\nCE7ZAhsDBQkDwmcABQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJEHEEikOcw14Y\n"
	  "PZcA/RhLRXl7KHvRGblyfiCwsos9hBwTW8Fv8gEUtolKJxawAQDf/yg4bE+0iJjL\n"
	  "jiaoj/EFyM6jXv6OonMyRe8Goy1rDw==\n=m5uC\n-----END PGP PUBLIC KEY BLOCK-----\n"), 0,
	  FOREIGN("PEM (PGP PUBLIC KEY BLOCK)") },
	{ "an OpenVPN key",
	  BYTES("#\n# 2048 bit OpenVPN static key\n#\n-----BEGIN OpenVPN Static key V1-----\n"
	  "6acef03f62675b4b1bbd03e53b187727\n"), 0,
	  FOREIGN("PEM") },
	{ "PEM in base64",
	  BYTES("LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RR"
	  "Z0FFZ28xejZOOWczZXM3b2tjUlVtTXJvL3JpOXN5RQpvU2NRZWI2cURDQURh"), 0,
	  FOREIGN("PEM in base64") },
	{ "an SSH public key, RSA",
	  BYTES("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDs+dyrtwLZfObeciUeW0TWUfgalHVUofgGpoUgiq2r"
	  "bQTSEucYKVZ4nXfRyE3/83YIscEdpfkABaTwCwWgtTBrRpv77v u@h\n"), 0,
	  FOREIGN("an SSH public key") },
	{ "an SSH public key, DSA",
	  BYTES("ssh-dss AAAAB3NzaC1kc3MAAACBAODw34VWZ04DIoYH9/ksZPAlatT7rwhWy/fISN3F8wOiWDaagfJh"
	  "Qik/ldOCGuaSrtIa1Zew+uTmffoYnMt72gPCkYcPRU5aE09S8G u@h\n"), 0,
	  FOREIGN("an SSH public key") },
	{ "an SSH public key, Ed25519",
	  BYTES("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDJ9gUxsiKn5kCukKWnNLtmD3cI6uLnTm0KhkXm3jaow"
	  " u@h\n"), 0,
	  FOREIGN("an SSH public key") },
	{ "an SSH public key, ECDSA",
	  BYTES("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBNUFCf4l"
	  "C1OsvJp4tp5PuTaLMiAkA7xw0PtNdoMu21shtnIzlv8LvHXkyki00AlCl9sU88sQjgU4VMld1r47Bcw="
	  " u@h\n"), 0,
	  FOREIGN("an SSH public key") },
	{ "an SSH public key of a token",
	  BYTES("sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIHbXr4mZ2"
	  "b3nCq3Qbfz2P5zZb8mG u@h\n"), 0,
	  FOREIGN("an SSH public key") },
	{ "an SSH public key of a token, ECDSA",
	  BYTES("sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNza"
	  "C5jb20AAAAIbmlzdHAy\n"), 0,
	  FOREIGN("an SSH public key") },
	{ "an SSH certificate",
	  BYTES("ssh-rsa-cert-v01@openssh.com AAAAHHNzaC1yc2EtY2VydC12MDFAb3BlbnNzaC5jb20AAAAgX1u"
	  "S3bPq\n"), 0,
	  FOREIGN("an SSH public key") },
	{ "authorized_keys with options",
	  BYTES("command=\"/bin/true\",no-pty,from=\"10.0.0.0/8\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE"
	  "5AAAAIDJ9gUxsiKn5kCukKWnNLtmD3cI6uLnTm0KhkXm3jaow u@h\n"), 0,
	  FOREIGN("an SSH public key") },
	{ "known_hosts",
	  BYTES("[example.org]:2222,10.0.0.1 ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYA"
	  "AAAIbmlzdHAyNTYAAABBBNUFCf4lC1OsvJp4tp5PuTaLMiAkA7xw0PtNdoMu21shtnIzlv8LvHXkyki0"
	  "0AlCl9sU88sQjgU4VMld1r47Bcw=\n"), 0,
	  FOREIGN("an SSH public key") },
	{ "an SSH public key without its name",
	  BYTES("AAAAC3NzaC1lZDI1NTE5AAAAIDJ9gUxsiKn5kCukKWnNLtmD3cI6uLnTm0KhkXm3jaow\n"), 0,
	  FOREIGN("an SSH public key in base64") },
	{ "an SSH public key, ECDSA, without its name",
	  BYTES("AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBNUFCf4lC1OsvJp4tp5PuTaLMiAk"
	  "A7xw0PtNdoMu21shtnIzlv8LvHXkyki00AlCl9sU88sQjgU4VMld1r47Bcw="), 0,
	  FOREIGN("an SSH public key in base64") },
	{ "an SSH public key of RFC 4716",
	  BYTES("---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"256-bit\"\nAAAAC3NzaC1lZDI1NTE5AAAAI"
	  "DJ9gUxs\n---- END SSH2 PUBLIC KEY ----\n"), 0,
	  FOREIGN("an SSH public key") },
	{ "an SSH public key's bytes",
	  BYTES("\x00\x00\x00\x07ssh-rsa\x00\x00\x00\x03\x01\x00\x01\x00\x00\x01\x81\x00\xec\xf9\xdc"
	  "\xab\xb7\x02\xd9|\xe6\xder%\x1e[D\xd6Q"), 279,
	  FOREIGN("an SSH public key") },
	{ "PuTTY's private key",
	  BYTES("PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: none\r\nComment: u@h\r\n"), 0,
	  FOREIGN("an SSH private key") },
	{ "an OpenSSH private key's bytes",
	  BYTES("openssh-key-v1\x00\x00\x00\x00\x04none\x00\x00\x00\x04none\x00\x00\x00\x00\x00\x00"
	  "\x00\x01\x00\x00\x00" "3\x00\x00\x00\x0bssh-ed25519\x00\x00"), 290,
	  FOREIGN("an SSH private key") },
	{ "an OpenSSH private key without its lines",
	  BYTES("b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQyNTUxOQAA"
	  "ACAyfYFMbIip+ZArpClpzS7Zg93COri505tCoZF5t42qMAAAAIgt0hONLdIT"), 0,
	  FOREIGN("an SSH private key in base64") },
	{ "the first SSH's private key",
	  BYTES("SSH PRIVATE KEY FILE FORMAT 1.1\n\x00\x00\x00\x00\x00\x00\x00"), 500,
	  FOREIGN("an SSH private key") },
	{ "PKCS#1, public in DER",
	  BYTES("0\x82\x01\n\x02\x82\x01\x01\x00\xce\x97Wx\xbe\xac\xc1\xe9*^\xf9\x8b\xb0n\x95"), 270,
	  FOREIGN("DER (a key, a certificate)") },
	{ "PKCS#1, public, 1,024 bits in DER",
	  BYTES("0\x81\x89\x02\x81\x81\x00\xb4\xbb\x84" "5\xc7\xf8" "6\xdb\x00\xbbl\xd0\xf8G\xa5Q"
	  "$"), 140,
	  FOREIGN("DER (a key, a certificate)") },
	{ "PKCS#1, private in DER",
	  BYTES("0\x82\x04\xa5\x02\x01\x00\x02\x82\x01\x01\x00\xce\x97Wx\xbe\xac\xc1\xe9*^\xf9\x8b"), 1193,
	  FOREIGN("DER (a key, a certificate)") },
	{ "PKCS#8 of RSA in DER",
	  BYTES("0\x82\x04\xbf\x02\x01\x00" "0\r\x06\t*\x86H\x86\xf7\r\x01\x01\x01\x05\x00\x04\x82"), 1219,
	  FOREIGN("DER (a key, a certificate)") },
	{ "PKCS#8, encrypted in DER",
	  BYTES("0\x82\x05-0W\x06\t*\x86H\x86\xf7\r\x01\x05\r0J0)\x06\t*"), 1329,
	  FOREIGN("DER (a key, a certificate)") },
	{ "SPKI of RSA in DER",
	  BYTES("0\x82\x01\"0\r\x06\t*\x86H\x86\xf7\r\x01\x01\x01\x05\x00\x03\x82\x01\x0f\x00"), 294,
	  FOREIGN("DER (a key, a certificate)") },
	{ "SPKI of RSA, 1,024 bits in DER",
	  BYTES("0\x81\x9f" "0\r\x06\t*\x86H\x86\xf7\r\x01\x01\x01\x05\x00\x03\x81\x8d\x00" "0\x81"), 162,
	  FOREIGN("DER (a key, a certificate)") },
	{ "PKCS#8 of P-256 in DER",
	  BYTES("0\x81\x87\x02\x01\x00" "0\x13\x06\x07*\x86H\xce=\x02\x01\x06\x08*\x86H\xce="), 138,
	  FOREIGN("DER (a key, a certificate)") },
	{ "SEC1 in DER",
	  BYTES("0w\x02\x01\x01\x04 \x02K\xa1" "A\xb6x\xc9\x07" "aW\xed\xfe\x9c" "Fy\xab\x0e"), 121,
	  FOREIGN("DER (a key, a certificate)") },
	{ "SEC1 of P-521 in DER",
	  BYTES("0\x81\xdc\x02\x01\x01\x04" "B\x01\xa3\xa6\xd0" "D\xbf\xdd\x89\x99\xcf\x90\xacx\xab"
	  "\xa3\x1f"), 223,
	  FOREIGN("DER (a key, a certificate)") },
	{ "SPKI of P-256 in DER",
	  BYTES("0Y0\x13\x06\x07*\x86H\xce=\x02\x01\x06\x08*\x86H\xce=\x03\x01\x07\x03"), 91,
	  FOREIGN("DER (a key, a certificate)") },
	{ "SPKI of P-521 in DER",
	  BYTES("0\x81\x9b" "0\x10\x06\x07*\x86H\xce=\x02\x01\x06\x05+\x81\x04\x00#\x03\x81\x86"), 158,
	  FOREIGN("DER (a key, a certificate)") },
	{ "PKCS#8 of Ed25519 in DER",
	  BYTES("0.\x02\x01\x00" "0\x05\x06\x03+ep\x04\"\x04 :K\xbfGi\\\xabW"), 48,
	  FOREIGN("DER (a key, a certificate)") },
	{ "SPKI of Ed25519 in DER",
	  BYTES("0*0\x05\x06\x03+ep\x03!\x00\xa6" "2\xc3\xa2\xfe\xfd" "3\x10\xfb" "ax\x03"), 44,
	  FOREIGN("DER (a key, a certificate)") },
	{ "SPKI of Ed448 in DER",
	  BYTES("0C0\x05\x06\x03+eq\x03:\x00\x97\xb7\xd9\xbb\x85_\x8d\xa2\x86" "5\xf9N"), 69,
	  FOREIGN("DER (a key, a certificate)") },
	{ "a certificate of P-256 in DER",
	  BYTES("0\x82\x01l0\x82\x01\x13\xa0\x03\x02\x01\x02\x02\x14\x19" "F@ECO\xf7P\xf8"), 368,
	  FOREIGN("DER (a key, a certificate)") },
	{ "a certificate of RSA in DER",
	  BYTES("0\x82\x02\xf9" "0\x82\x01\xe1\xa0\x03\x02\x01\x02\x02\x14\x10\x04\xe0_\x0et\x12\xc2"
	  "\x01"), 765,
	  FOREIGN("DER (a key, a certificate)") },
	{ "a request in DER",
	  BYTES("0\x81\xc5" "0n\x02\x01\x00" "0\x0c" "1\n0\x08\x06\x03U\x04\x03\x0c\x01" "a0Y"), 200,
	  FOREIGN("DER (a key, a certificate)") },
	{ "PKCS#7 in DER",
	  BYTES("0\x82\x01\x9b\x06\t*\x86H\x86\xf7\r\x01\x07\x02\xa0\x82\x01\x8c" "0\x82\x01\x88\x02"), 415,
	  FOREIGN("DER (a key, a certificate)") },
	{ "PKCS#12",
	  BYTES("0\x82\x03\xfc\x02\x01\x03" "0\x82\x03\xb2\x06\t*\x86H\x86\xf7\r\x01\x07\x01\xa0\x82"), 1024,
	  FOREIGN("PKCS#12") },
	{ "PKCS#12 with lengths left open",
	  BYTES("0\x80\x02\x01\x03" "0\x80\x06\t*\x86H\x86\xf7\r\x01\x07\x01"), 900,
	  FOREIGN("PKCS#12") },
	{ "a public key in base64",
	  BYTES("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3es7okcRUmMro/ri9syEoScQeb6qDCADajjM"
	  "RHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg=="), 0,
	  FOREIGN("DER (a key, a certificate) in base64") },
	{ "a public key in base64, a newline",
	  BYTES("MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC0u4Q1x/g22wC7bND4R6VRJD2IiOjBKj+oM0vSz4+7"
	  "3EswvLCBC+QTW42r+q1s1RTQCX7OmrVqeBm4M/7ZuHF3gshk0IPNiqa1CKl89oAQfhlAVBPQi1QiI3Gm"
	  "ujnxc9LRudUde2S5AHpF99wWLAcstMkTtGitH28gvsOAIguSDQIDAQAB\n"), 0,
	  FOREIGN("DER (a key, a certificate) in base64") },
	{ "a public key in base64url",
	  BYTES("MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC0u4Q1x_g22wC7bND4R6VRJD2IiOjBKj-oM0vSz4-7"
	  "3EswvLCBC-QTW42r-q1s1RTQCX7OmrVqeBm4M_7ZuHF3gshk0IPNiqa1CKl89oAQfhlAVBPQi1QiI3Gm"
	  "ujnxc9LRudUde2S5AHpF99wWLAcstMkTtGitH28gvsOAIguSDQIDAQAB"), 0,
	  FOREIGN("DER (a key, a certificate) in base64") },
	{ "a Java keystore",
	  BYTES("\xfe\xed\xfe\xed\x00\x00\x00\x02\x00\x00\x00\x01"), 499,
	  FOREIGN("a Java keystore") },
	{ "a Java keystore, JCEKS",
	  BYTES("\xce\xce\xce\xce\x00\x00\x00\x02\x00\x00\x00\x01"), 479,
	  FOREIGN("a Java keystore") },
	{ "a keytab",
	  BYTES("\x05\x02\x00\x00\x00:\x00\x01\x00\tLOCALHOST"), 124,
	  FOREIGN("a Kerberos keytab") },
	{ "age's identity",
	  BYTES("# created: 2026-11-26T15:00:00Z\n# public key: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc"
	  "7w3j2elw8zmrj2kg5sfn9aqmcac8p\nAGE-SECRET-KEY-1QL3Z7HJY54PW3HYWW5AYYFG7ZQGVC7W3J"
	  "2ELW8ZMRJ2KG5SFN9AQMCAC8P\n"), 0,
	  FOREIGN("a key of age") },
	{ "age's file",
	  BYTES("age-encryption.org/v1\n-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\n"), 200,
	  FOREIGN("a key of age") },
	{ "GPG's keys of Ed25519",
	  BYTES("\x98" "3\x04k\x08N\xd9\x16\t+\x06\x01\x04\x01\xdaG\x0f\x01\x01\x07@\x15g\xd2"), 214,
	  FOREIGN("an OpenPGP key") },
	{ "GPG's keys of RSA",
	  BYTES("\x99\x01\r\x04k\x08N\xd9\x01\x08\x00\xb4\xc6\x02\xc5" "6J\xc8\xae\xa5\x97" "90m"), 624,
	  FOREIGN("an OpenPGP key") },
	{ "GPG's keys of RSA, 3,072 bits",
	  BYTES("\x99\x01\x8d\x04k\x08N\xd9\x01\x0c\x00\xd4\"\x8f )rL~(~)b\xdc"), 881,
	  FOREIGN("an OpenPGP key") },
	{ "GPG's keybox",
	  BYTES("\x00\x00\x00 \x01\x01\x00\x02KBXf\x00\x00\x00\x00"), 2201,
	  FOREIGN("a store of keys") },
	{ "KeePass",
	  BYTES("\x03\xd9\xa2\x9ag\xfbK\xb5\x01\x00\x04\x00"), 1500,
	  FOREIGN("a store of keys") },
	{ "Tor's key",
	  BYTES("== ed25519v1-secret: type0 ==\x00\x00\x00"), 96,
	  FOREIGN("a key of Tor") },
	{ "minisign's key",
	  BYTES("untrusted comment: minisign public key 7E3A\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucN"
	  "SCh1CBM0QTaLn73Y7GFO3\n"), 0,
	  FOREIGN("a key of minisign") },
	{ "DNSKEY",
	  BYTES("example.org. 3600 IN DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+G"
	  "qJxpVXckHAeF+KkxLbxIL\n"), 0,
	  FOREIGN("a DNS record") },
	{ "DKIM",
	  BYTES("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= t=s; n=a\n"), 0,
	  FOREIGN("a DNS record") },
	{ "what openssl has encrypted",
	  BYTES("Salted__\xc3\xc9\xd4\xf8" "aOx\xa1"), 224,
	  FOREIGN("an encrypted file") },
	{ "LUKS",
	  BYTES("LUKS\xba\xbe\x00\x02"), 4096,
	  FOREIGN("an encrypted file") },
	{ "Ansible's vault",
	  BYTES("$ANSIBLE_VAULT;1.1;AES256\n66386439653236336462626566653063336164663966303231363"
	  "934653561363964363833313662\n"), 0,
	  FOREIGN("an encrypted file") },
	{ "a program",
	  BYTES("\x7f" "ELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00>\x00"), 5000,
	  FOREIGN("a program") },
	{ "a program of 32 bits, big-endian",
	  BYTES("\x7f" "ELF\x01\x02\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x08"), 5000,
	  FOREIGN("a program") },
	{ "a Java class",
	  BYTES("\xca\xfe\xba\xbe\x00\x00\x00="), 800,
	  FOREIGN("a program") },
	{ "gzip",
	  BYTES("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x01\xc8\x00" "7\xff\x13"), 223,
	  FOREIGN("compressed or an archive") },
	{ "gzip with a name",
	  BYTES("\x1f\x8b\x08\x08\xdeN\x08k\x00\x03r\x00\x01\xc8\x00" "7"), 225,
	  FOREIGN("compressed or an archive") },
	{ "Python's gzip",
	  BYTES("\x1f\x8b\x08\x08\xdeN\x08k\x02\xffp\x00\xab\xa8\x18\x05"), 27,
	  FOREIGN("compressed or an archive") },
	{ "zip",
	  BYTES("PK\x03\x04\n\x00\x00\x00\x00\x00\xe5zz]\xab\x1e"), 352,
	  FOREIGN("compressed or an archive") },
	{ "xz",
	  BYTES("\xfd" "7zXZ\x00\x00\x04\xe6\xd6\xb4" "F\x02\x00!\x01"), 64,
	  FOREIGN("compressed or an archive") },
	{ "bzip2",
	  BYTES("BZh91AY&SYH\n\"\x8f\x00\x00"), 319,
	  FOREIGN("compressed or an archive") },
	{ "7-Zip",
	  BYTES("7z\xbc\xaf'\x1c\x00\x04"), 300,
	  FOREIGN("compressed or an archive") },
	{ "tar",
	  BYTES("key\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" "0000600\x00"
	  "0000000\x00" "0000000\x00" "00000000200\x00" "14723456701\x00" "010203\x00 0\x00"
	  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00usta"
	  "r\x00" "00"), 1536,
	  FOREIGN("compressed or an archive") },
	{ "a Debian package",
	  BYTES("!<arch>\ndebian-binary   "), 1000,
	  FOREIGN("compressed or an archive") },
	{ "SQLite",
	  BYTES("SQLite format 3\x00\x10\x00"), 3000,
	  FOREIGN("a database") },
	{ "PNG",
	  BYTES("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), 700,
	  FOREIGN("a picture") },
	{ "JPEG",
	  BYTES("\xff\xd8\xff\xe0\x00\x10JFIF\x00"), 700,
	  FOREIGN("a picture") },
	{ "JPEG of a camera",
	  BYTES("\xff\xd8\xff\xe1,\x01" "Exif\x00\x00"), 700,
	  FOREIGN("a picture") },
	{ "GIF",
	  BYTES("GIF89a\x01\x00\x01\x00"), 100,
	  FOREIGN("a picture") },
	{ "PDF",
	  BYTES("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), 3000,
	  FOREIGN("PDF") },
	{ "UTF-16, little end first",
	  BYTES("\xff\xfe" "0\x00" "1\x00" "2\x00" "3\x00" "4\x00" "5\x00" "6\x00" "7\x00" "8\x00"
	  "9\x00" "a\x00" "b\x00" "c\x00" "d\x00" "e\x00" "f\x00" "0\x00" "1\x00" "2\x00" "3"
	  "\x00" "4\x00" "5\x00" "6\x00" "7\x00" "8\x00" "9\x00" "a\x00" "b\x00" "c\x00" "d"
	  "\x00" "e\x00" "f\x00" "0\x00" "1\x00" "2\x00" "3\x00" "4\x00" "5\x00" "6\x00" "7"
	  "\x00" "8\x00" "9\x00" "A\x00" "B\x00" "C\x00" "D\x00" "E\x00" "F\x00" "0\x00" "1"
	  "\x00" "2\x00" "3\x00" "4\x00" "5\x00" "6\x00" "7\x00" "8\x00" "9\x00" "A\x00" "B"
	  "\x00" "C\x00" "D\x00" "E\x00" "F\x00\n\x00"), 0,
	  FOREIGN("UTF-16 text") },
	{ "UTF-16, big end first",
	  BYTES("\xfe\xff\x00" "0\x00" "1\x00" "2\x00" "3\x00" "4\x00" "5\x00" "6\x00" "7\x00" "8"
	  "\x00" "9\x00" "a\x00" "b\x00" "c\x00" "d\x00" "e\x00" "f\x00" "0\x00" "1\x00" "2"
	  "\x00" "3\x00" "4\x00" "5\x00" "6\x00" "7\x00" "8\x00" "9\x00" "a\x00" "b\x00" "c"
	  "\x00" "d\x00" "e\x00" "f\x00" "0\x00" "1\x00" "2\x00" "3\x00" "4\x00" "5\x00" "6"
	  "\x00" "7\x00" "8\x00" "9\x00" "A\x00" "B\x00" "C\x00" "D\x00" "E\x00" "F\x00" "0"
	  "\x00" "1\x00" "2\x00" "3\x00" "4\x00" "5\x00" "6\x00" "7\x00" "8\x00" "9\x00" "A"
	  "\x00" "B\x00" "C\x00" "D\x00" "E\x00" "F"), 0,
	  FOREIGN("UTF-16 text") },
	{ "UTF-16 without a mark",
	  BYTES("0\x00" "1\x00" "2\x00" "3\x00" "4\x00" "5\x00" "6\x00" "7\x00" "8\x00" "9\x00" "a"
	  "\x00" "b\x00" "c\x00" "d\x00" "e\x00" "f\x00" "0\x00" "1\x00" "2\x00" "3\x00" "4"
	  "\x00" "5\x00" "6\x00" "7\x00" "8\x00" "9\x00" "a\x00" "b\x00" "c\x00" "d\x00" "e"
	  "\x00" "f\x00" "0\x00" "1\x00" "2\x00" "3\x00" "4\x00" "5\x00" "6\x00" "7\x00" "8"
	  "\x00" "9\x00" "A\x00" "B\x00" "C\x00" "D\x00" "E\x00" "F\x00" "0\x00" "1\x00" "2"
	  "\x00" "3\x00" "4\x00" "5\x00" "6\x00" "7\x00" "8\x00" "9\x00" "A\x00" "B\x00" "C"
	  "\x00" "D\x00" "E\x00" "F\x00"), 0,
	  FOREIGN("UTF-16 text") },
	{ "UTF-16 with CR LF",
	  BYTES("\x00" "0\x00" "1\x00" "2\x00" "3\x00" "4\x00" "5\x00" "6\x00" "7\x00" "8\x00" "9"
	  "\x00" "a\x00" "b\x00" "c\x00" "d\x00" "e\x00" "f\x00" "0\x00" "1\x00" "2\x00" "3"
	  "\x00" "4\x00" "5\x00" "6\x00" "7\x00" "8\x00" "9\x00" "a\x00" "b\x00" "c\x00" "d"
	  "\x00" "e\x00" "f\x00" "0\x00" "1\x00" "2\x00" "3\x00" "4\x00" "5\x00" "6\x00" "7"
	  "\x00" "8\x00" "9\x00" "A\x00" "B\x00" "C\x00" "D\x00" "E\x00" "F\x00" "0\x00" "1"
	  "\x00" "2\x00" "3\x00" "4\x00" "5\x00" "6\x00" "7\x00" "8\x00" "9\x00" "A\x00" "B"
	  "\x00" "C\x00" "D\x00" "E\x00" "F\x00\r\x00\n"), 0,
	  FOREIGN("UTF-16 text") },
	{ "UTF-32",
	  BYTES("\xff\xfe\x00\x00" "0\x00\x00\x00" "1\x00\x00\x00" "2\x00\x00\x00" "3\x00\x00\x00"
	  "4\x00\x00\x00" "5\x00\x00\x00" "6\x00\x00\x00" "7\x00\x00\x00" "8\x00\x00\x00" "9"
	  "\x00\x00\x00" "a\x00\x00\x00" "b\x00\x00\x00" "c\x00\x00\x00" "d\x00\x00\x00" "e"
	  "\x00\x00\x00" "f\x00\x00\x00" "0\x00\x00\x00" "1\x00\x00\x00" "2\x00\x00\x00" "3"
	  "\x00\x00\x00" "4\x00\x00\x00" "5\x00\x00\x00" "6\x00\x00\x00" "7\x00\x00\x00" "8"
	  "\x00\x00\x00" "9\x00\x00\x00" "a\x00\x00\x00" "b\x00\x00\x00" "c\x00\x00\x00" "d"
	  "\x00\x00\x00" "e\x00\x00\x00" "f\x00\x00\x00" "0\x00\x00\x00" "1\x00\x00\x00" "2"
	  "\x00\x00\x00" "3\x00\x00\x00" "4\x00\x00\x00" "5\x00\x00\x00" "6\x00\x00\x00" "7"
	  "\x00\x00\x00" "8\x00\x00\x00" "9\x00\x00\x00" "A\x00\x00\x00" "B\x00\x00\x00" "C"
	  "\x00\x00\x00" "D\x00\x00\x00" "E\x00\x00\x00" "F\x00\x00\x00" "0\x00\x00\x00" "1"
	  "\x00\x00\x00" "2\x00\x00\x00" "3\x00\x00\x00" "4\x00\x00\x00" "5\x00\x00\x00" "6"
	  "\x00\x00\x00" "7\x00\x00\x00" "8\x00\x00\x00" "9\x00\x00\x00" "A\x00\x00\x00" "B"
	  "\x00\x00\x00" "C\x00\x00\x00" "D\x00\x00\x00" "E\x00\x00\x00" "F\x00\x00\x00"), 0,
	  FOREIGN("UTF-16 text") },
	{ "a JWK in UTF-16",
	  BYTES("\xff\xfe{\x00\"\x00k\x00t\x00y\x00\"\x00:\x00\"\x00o\x00" "c\x00t\x00\"\x00,\x00"
	  "\"\x00k\x00\"\x00:\x00\"\x00" "A\x00y\x00M\x00" "1\x00S\x00y\x00s\x00P\x00p\x00" "b"
	  "\x00y\x00" "D\x00" "f\x00g\x00Z\x00l\x00" "d\x00" "3\x00u\x00m\x00j\x00" "1\x00q"
	  "\x00z\x00K\x00O\x00" "b\x00w\x00V\x00M\x00k\x00o\x00q\x00Q\x00-\x00" "E\x00s\x00"
	  "t\x00J\x00Q\x00L\x00r\x00_\x00T\x00-\x00" "1\x00q\x00S\x00" "0\x00g\x00Z\x00H\x00"
	  "7\x00" "5\x00" "a\x00K\x00t\x00M\x00N\x00" "3\x00Y\x00j\x00" "0\x00i\x00P\x00S\x00"
	  "4\x00h\x00" "c\x00g\x00U\x00u\x00T\x00w\x00j\x00" "A\x00z\x00Z\x00r\x00" "1\x00Z"
	  "\x00" "9\x00" "C\x00" "A\x00o\x00w\x00\"\x00}\x00"), 0,
	  FOREIGN("UTF-16 text") },
	{ "Cyrillic in UTF-16",
	  BYTES("\xff\xfe:\x04;\x04N\x04G\x04:\x00 \x00" "0\x00" "1\x00" "2\x00" "3\x00" "4\x00" "5"
	  "\x00" "6\x00" "7\x00" "8\x00" "9\x00" "a\x00" "b\x00" "c\x00" "d\x00" "e\x00" "f"
	  "\x00" "0\x00" "1\x00" "2\x00" "3\x00" "4\x00" "5\x00" "6\x00" "7\x00" "8\x00" "9"
	  "\x00" "a\x00" "b\x00" "c\x00" "d\x00" "e\x00" "f\x00" "0\x00" "1\x00" "2\x00" "3"
	  "\x00" "4\x00" "5\x00" "6\x00" "7\x00" "8\x00" "9\x00" "A\x00" "B\x00" "C\x00" "D"
	  "\x00" "E\x00" "F\x00" "0\x00" "1\x00" "2\x00" "3\x00" "4\x00" "5\x00" "6\x00" "7"
	  "\x00" "8\x00" "9\x00" "A\x00" "B\x00" "C\x00" "D\x00" "E\x00" "F\x00"), 0,
	  FOREIGN("UTF-16 text") },
	{ "XML",
	  BYTES("<?xml version=\"1.0\"?><RSAKeyValue><Modulus>oB1mzN2SZaKqyXFJ</Modulus></RSAKeyV"
	  "alue>\n"), 0,
	  FOREIGN("XML or HTML") },
	{ "XML without its first line",
	  BYTES("<RSAKeyValue><Modulus>oB1mzN2SZaKqyXFJk1d9IuOaeb4l6bRT</Modulus></RSAKeyValue>\n"), 0,
	  FOREIGN("XML or HTML") },
	{ "HTML",
	  BYTES("<!DOCTYPE html>\n<html><title>404 Not Found</title><p>There is no such key here."
	  "</html>\n"), 0,
	  FOREIGN("XML or HTML") },
	{ "a page that was the answer",
	  BYTES("<html><head><title>302 Found</title></head><body>nginx, as it stands</body></htm"
	  "l>"), 0,
	  FOREIGN("XML or HTML") },
	{ "a script",
	  BYTES("#!/bin/sh\n# prints the key\nexec openssl rand -hex 64 | tee /dev/stderr\n"), 0,
	  FOREIGN("a script") },
	{ "a manifest",
	  BYTES("apiVersion: v1\nkind: Secret\nmetadata:\n  name: jwtd\ndata:\n"
	  "  key: YTlkZGJjYWJhOGMwYWMx\n"), 0,
	  FOREIGN("a Kubernetes manifest") },
	{ "a manifest of one line",
	  BYTES("# kind: Secret, apiVersion: v1 data: YTlkZGJjYWJhOGMwYWMxYTA4"), 0,
	  FOREIGN("a Kubernetes manifest") },
	{ "netrc",
	  BYTES("machine example.org login me password c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0\n"), 0,
	  FOREIGN("netrc") },
	{ "/etc/shadow",
	  BYTES("root:$6$Zq1n5kWm$3jU0vQ0GmQ4N2t8n7JtQkY7v1cJx9rS0p5wKq2bYd8fL6hTgXe1:19700:0:999"
	  "99:7:::\n"), 0,
	  FOREIGN("hashes of passwords") },
	{ "/etc/shadow, yescrypt",
	  BYTES("root:$y$j9T$3jU0vQ0GmQ4N2t8n7JtQk0$Y7v1cJx9rS0p5wKq2bYd8fL6hTgXe1aBcDeFgHiJkL:19"
	  "700:0:99999:7:::\n"), 0,
	  FOREIGN("hashes of passwords") },
	{ "htpasswd, bcrypt",
	  BYTES("admin:$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC\n"), 0,
	  FOREIGN("hashes of passwords") },
	{ "htpasswd, MD5",
	  BYTES("administrator-of-it-all:$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/:a:b\n"), 0,
	  FOREIGN("hashes of passwords") },
	{ "htpasswd, SHA-1",
	  BYTES("administrator-of-it-all-with-a-long-name:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"), 0,
	  FOREIGN("hashes of passwords") },
	{ "a hash alone",
	  BYTES("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b0dWRWJTmaaJObG\n"), 0,
	  FOREIGN("hashes of passwords") },
	{ "an environment file",
	  BYTES("JWTD_ISSUER=https://tokens.example.org/realms/one/and/another/one/beside-it\n"), 0,
	  FOREIGN("a list of names and values") },
	{ "KEY=...",
	  BYTES("KEY=0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\n"), 0,
	  FOREIGN("a list of names and values") },
	{ "export ..._SECRET=",
	  BYTES("export JWT_SECRET='0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABC"
	  "DEF'\n"), 0,
	  FOREIGN("a list of names and values") },
	{ "an ini file",
	  BYTES("[jwt]\nsigning_key = 0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789A"
	  "BCDEF\n"), 0,
	  FOREIGN("a list of names and values") },
	{ "YAML",
	  BYTES("signing-key: 0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\n"), 0,
	  FOREIGN("a list of names and values") },
	{ "a password in a properties file",
	  BYTES("spring.datasource.password=0123456789abcdef0123456789abcdef0123456789ABCDEF01\n"), 0,
	  FOREIGN("a list of names and values") },
	{ "a token",
	  BYTES("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJpYXQiOjE2Njg2NjQ0NDYsImp0aSI6IjBlNWNkYzR"
	  "iYzk2YTE5ZCJ9.HChW1vzHVA6dD_j4f0zTMt2w7eKW5ydb"), 0,
	  FOREIGN("a token (JWT), not its key") },
	{ "a token, a newline",
	  BYTES("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJpYXQiOjE2Njg2NjQ0NDYsImp0aSI6IjBlNWNkYzR"
	  "iYzk2YTE5ZCJ9.HChW1vzHVA6dD_j4f0zTMt2w7eKW5ydb\n"), 0,
	  FOREIGN("a token (JWT), not its key") },
	{ "an encrypted token",
	  BYTES("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..yVi_NwmfJcQNpWXR.bEkGyBBjyfJ0UxY2KI8qT5"
	  "Mo3g.Ck9n0zTMt2w7eKW5ydbjXA"), 0,
	  FOREIGN("a token (JWT), not its key") },
	{ "a JWK in base64",
	  BYTES("eyJrdHkiOiJvY3QiLCJrIjoiQXlNMVN5c1BwYnlEZmdabGQzdW1qMXF6S09id1ZNa29xUS1Fc3RKUUxy"
	  "X1QtMXFTMGdaSDc1YUt0TU4zWWowaVBTNGhjZ1V1VHdqQXpacjFaOUNBb3cifQ=="), 0,
	  FOREIGN("a JWK in base64") },
	{ "a JWK Set in base64url",
	  BYTES("eyJrZXlzIjpbeyJrdHkiOiJvY3QiLCJrIjoiQXlNMVN5c1BwYnlEZmdabGQzdW1qMXF6S09id1ZNa29x"
	  "US1Fc3RKUUxyX1QtMXFTMGdaSDc1YUt0TU4zWWowaVBTNGhjZ1V1VHdqQXpacjFaOUNBb3cifV19"), 0,
	  FOREIGN("a JWK in base64") },
	{ "cat old new",
	  BYTES("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\n"
	  "FEDCBA9876543210FEDCBA9876543210fedcba9876543210fedcba9876543210\n"), 0,
	  TWO },
	{ "two keys, no newline at the end",
	  BYTES("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\n"
	  "FEDCBA9876543210FEDCBA9876543210fedcba9876543210fedcba9876543210"), 0,
	  TWO },
	{ "three keys",
	  BYTES("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\n"
	  "FEDCBA9876543210FEDCBA9876543210fedcba9876543210fedcba9876543210\n"
	  "02468ace02468ace02468ACE02468ACEFDB97531FDB97531fdb97531fdb97531\n"), 0,
	  TWO },
	{ "two keys, an empty line between",
	  BYTES("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\n"
	  "\nFEDCBA9876543210FEDCBA9876543210fedcba9876543210fedcba9876543210\n"), 0,
	  TWO },
	{ "two keys, old Macintosh",
	  BYTES("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\rFEDCBA98765432"
	  "10FEDCBA9876543210fedcba9876543210fedcba9876543210\r"), 0,
	  TWO },
	{ "two keys, CR LF between",
	  BYTES("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\r\n"
	  "FEDCBA9876543210FEDCBA9876543210fedcba9876543210fedcba9876543210"), 0,
	  TWO },
	{ "base64 in lines",
	  BYTES("ABQ2ZqTwSrIorD7ejEgS6tDExtb0IFqi+FzOTtx4ItqgdFZGRFBqksgMXr4sqDLKcCTmtpSAeoKY\n"
	  "vO4ufNhCug==\n"), 0,
	  TWO },
	{ "hexadecimal digits in lines",
	  BYTES("0123456789abcdef0123456789abcdef\n0123456789ABCDEF0123456789ABCDEF\n"), 0,
	  TWO },
	{ "a comment before the key",
	  BYTES("# made by hand\n0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF"), 0,
	  TWO },
	{ "a passphrase in two lines, with UTF-8",
	  BYTES("Gr\xc3\xb6\xc3\x9f" "e und L\xc3\xa4nge der Schl\xc3\xbcssel sind gar nicht so w"
	  "ichtig,\nwie man es immer meint.\n"), 0,
	  TWO },
	{ "CR LF",
	  BYTES("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\r\n"), 0,
	  CRLF },
	{ "two keys, CR LF",
	  BYTES("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\r\n"
	  "FEDCBA9876543210FEDCBA9876543210fedcba9876543210fedcba9876543210\r\n"), 0,
	  CRLF },
	{ "CR",
	  BYTES("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\r"), 0,
	  SPACE },
	{ "two newlines",
	  BYTES("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\n"
	  "\n"), 0,
	  SPACE },
	{ "a space at the end",
	  BYTES("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF "), 0,
	  SPACE },
	{ "a space before the newline",
	  BYTES("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF \n"), 0,
	  SPACE },
	{ "a tab",
	  BYTES("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\t\n"), 0,
	  SPACE },
	{ "a form feed",
	  BYTES("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\x0c\n"), 0,
	  SPACE },
	{ "a space before it",
	  BYTES(" 0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF"), 0,
	  SPACE },
	{ "a newline before it",
	  BYTES("\n0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\n"), 0,
	  SPACE },
	{ "quotes",
	  BYTES("\"0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\"\n"), 0,
	  QUOTES },
	{ "single quotes",
	  BYTES("'0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF'"), 0,
	  QUOTES },
	{ "a byte order mark",
	  BYTES("\xef\xbb\xbf" "0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\n"), 0,
	  BOM },
	{ "a JWK behind a byte order mark",
	  BYTES("\xef\xbb\xbf{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_"
	  "T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}"), 0,
	  BOM },
	{ "an array of JWKs",
	  BYTES("[{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75"
	  "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}]\n"), 0,
	  ARRAY },
	{ "an ini file's section",
	  BYTES("[Interface] PrivateKeyOfThis is yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk= or "
	  "so"), 0,
	  ARRAY },
	{ "docker's configuration",
	  BYTES("{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"bWU6c2VjcmV0\"}}}\n"), 0,
	  "it is JSON, but no JWK: it has no kty" },
	{ "braces that are no JSON",
	  BYTES("{ this one is a passphrase that begins with a brace and has no more to it"), 0,
	  "malformed JSON: member name expected at byte 2" },
	{ "YAML's braces",
	  BYTES("{kty: oct, k: AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS"
	  "4h}"), 0,
	  "malformed JSON: member name expected at byte 1" },
	{ "a JWK cut off, behind white space",
	  BYTES("\n\t {\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0g"
	  "ZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\""), 0,
	  "malformed JSON: comma or closing brace expected at byte 108" },
	{ "a JWK in Latin-1",
	  BYTES("{\"kty\":\"oct\",\"kid\":\"\xe9\",\"k\":\"AyM1\"}"), 0,
	  "malformed JSON: not UTF-8 at byte 20" },
	{ "a JWK with a zero",
	  BYTES("{\"kty\":\"oct\",\x00\"k\":\"AyM1\"}"), 0,
	  "malformed JSON: member name expected at byte 13" },
	{ "a public JWK",
	  BYTES(" {\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrw"
	  "IaaPcHURo\"}"), 0,
	  "its kty is not oct" },
	{ "a public key in hexadecimal digits",
	  BYTES("3059301306072a8648ce3d020106082a8648ce3d03010703420004828d73e8df60ddeb3ba2471152"
	  "632ba3fae2f6cc84a1271079beaa0c20036a38cc4475328d0be43f17a8995bbb394bf17da4192dbb"
	  "c4a4e69b0f42636b70caaa"), 0,
	  FOREIGN("DER (a key, a certificate) in hexadecimal digits") },
	{ "a public key in capital digits, a newline",
	  BYTES("3059301306072A8648CE3D020106082A8648CE3D03010703420004828D73E8DF60DDEB3BA2471152"
	  "632BA3FAE2F6CC84A1271079BEAA0C20036A38CC4475328D0BE43F17A8995BBB394BF17DA4192DBB"
	  "C4A4E69B0F42636B70CAAA\n"), 0,
	  FOREIGN("DER (a key, a certificate) in hexadecimal digits") },
	{ "PKCS#1 in hexadecimal digits",
	  BYTES("308189028181000b549de62f78c10a539ce52e77c009529be42d76bf08519ae32c75be075099e22b"
	  "74bd064f98e12a73bc054e97e02972bb044d96df2871ba034c95de2770b9024b94dd266fb8014a93"
	  "dc256eb7004992db246db6ff4891da236cb5fe4790d9226bb4fd468fd8216ab3fc458ed72069b2fb"
	  "448dd61f68b1fa438cd51e67b0f9420203010001"), 0,
	  FOREIGN("DER (a key, a certificate) in hexadecimal digits") },
	{ "a certificate in hexadecimal digits, as xxd -p shows it",
	  BYTES("3082016c30820113a0030201020214210760b9126bc41d76cf2881da338c\ne53e97f049a2fb54ad"
	  "065fb8116ac31c75ce2780d9328be43d96ef48a1fa\n53ac055eb71069c21b74cd267fd8318ae33c"
	  "95ee47a0f952ab045db60f68\nc11a73cc257ed73089e23b94ed469ff851aa035cb50e67c01972cb"
	  "247dd6\n2f88e13a93ec459ef750a9025bb40d66bf1871ca237cd52e87e03992eb44\n9df64fa801"
	  "5ab30c65be1770c9227bd42d86df3891ea439cf54ea70059b2\n0b64bd166fc8217ad32c85de3790"
	  "e9429bf44da6ff58b10a63bc156ec720\n79d22b84dd368fe8419af34ca5fe57b00962bb146dc61f"
	  "78d12a83dc358e\ne74099f24ba4fd56af0861ba136cc51e77d02982db348de63f98f14aa3fc\n55"
	  "ae0760b9126bc41d76cf2881da338ce53e97f049a2fb54ad065fb8116a\nc31c75ce2780d9328be4"
	  "3d96ef48a1fa53ac055eb71069c21b74cd267fd8\n318ae33c95ee47a0f952ab045db60f68c11a73"
	  "cc257ed73089e23b94ed46\n9ff851aa035cb50e\n"), 0,
	  FOREIGN("DER (a key, a certificate) in hexadecimal digits") },
	{ "a public key as od -An -tx1 shows it",
	  BYTES(" 30 59 30 13 06 07 2a 86 48 ce 3d 02 01 06 08 2a\n 86 48 ce 3d 03 01 07 03 42 00"
	  " 04 82 8d 73 e8 df\n 60 dd eb 3b a2 47 11 52 63 2b a3 fa e2 f6 cc 84\n a1 27 10 "
	  "79 be aa 0c 20 03 6a 38 cc 44 75 32 8d\n 0b e4 3f 17 a8 99 5b bb 39 4b f1 7d a4 "
	  "19 2d bb\n c4 a4 e6 9b 0f 42 63 6b 70 ca aa\n"), 0,
	  FOREIGN("DER (a key, a certificate) in hexadecimal digits") },
	{ "an SSH public key in hexadecimal digits",
	  BYTES("0000000b7373682d6564323535313900000020327d814c6c88a9f9902ba42969cd2ed983ddc23ab8"
	  "b9d39b42a19179b78daa30"), 0,
	  FOREIGN("an SSH public key in hexadecimal digits") },
	{ "an SSH public key of a token in base64",
	  BYTES("AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIHbXr4mZ2b3nCq3Qbfz2P5zZb8mGAAAABHNz"
	  "aDo="), 0,
	  FOREIGN("an SSH public key in base64") },
	{ "PEM in hexadecimal digits",
	  BYTES("2d2d2d2d2d424547494e205055424c4943204b45592d2d2d2d2d0a4d466b77457759484b6f5a497a"
	  "6a3043415159494b6f5a497a6a30444151634451674145676f317a364e3967336573376f6b635255"
	  "6d4d726f2f7269397379456f5363516562367144434144616a6a4d524855796a51766b5078656f6d"
	  "5675374f5576786661515a4c627645704f616244304a6a6133444b71673d3d0a2d2d2d2d2d454e44"
	  "205055424c4943204b45592d2d2d2d2d0a"), 0,
	  FOREIGN("PEM in hexadecimal digits") },
	{ "a JWK in hexadecimal digits",
	  BYTES("7b226b7479223a226f6374222c226b223a2241794d31537973507062794466675a6c6433756d6a31"
	  "717a4b4f6277564d6b6f71512d4573744a514c725f542d31715330675a483735614b744d4e33596a"
	  "3069505334686367557554776a417a5a72315a3943416f77227d"), 0,
	  FOREIGN("a JWK in hexadecimal digits") },
	{ "a JWK in base64, whose first member is alg",
	  BYTES("eyJhbGciOiJIUzUxMiIsImt0eSI6Im9jdCIsImsiOiJBeU0xU3lzUHBieURmZ1psZDN1bWoxcXpLT2J3"
	  "Vk1rb3FRLUVzdEpRTHJfVC0xcVMwZ1pINzVhS3RNTjNZajBpUFM0aGNnVXVUd2pBelpyMVo5Q0FvdyJ9"), 0,
	  FOREIGN("a JWK in base64") },
	{ "the lines of a PEM body",
	  BYTES("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3es7okcRUmMro/ri9syE\noScQeb6qDCADaj"
	  "jMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\n"), 0,
	  FOREIGN("DER (a key, a certificate) in base64") },
	{ "the lines of a PEM body, CR LF",
	  BYTES("MIGJAoGBAAtUneYveMEKU5zlLnfACVKb5C12vwhRmuMsdb4HUJniK3S9Bk+Y4Spz\x0d\nvAVOl+Apcr"
	  "sETZbfKHG6A0yV3idwuQJLlN0mb7gBSpPcJW63AEmS2yRttv9Ikdoj\x0d\nbLX+R5DZImu0/UaP2CFq"
	  "s/xFjtcgabL7RI3WH2ix+kOM1R5nsPlCAgMBAAE=\x0d\n"), 0,
	  FOREIGN("DER (a key, a certificate) in base64") },
	{ "ssh-keygen -lf",
	  BYTES("3072 SHA256:4zTMt2w7eKW5ydbjXBgUdRsmd6M93BcIbeEtqI9JIDA user@host.example.org (R"
	  "SA)\n"), 0,
	  FOREIGN("a fingerprint") },
	{ "openssl x509 -fingerprint -sha512",
	  BYTES("sha512 Fingerprint=0F:3A:91:C2:7B:E4:5D:60:A8:91:C2:7B:E4:5D:60:A8:91:C2:7B:E4:5"
	  "D:60:A8:91:C2:7B:E4:5D:60:A8:CC:17:D2:5B:E9:3B:04:F6:A1:E9:3B:04:F6:A1:E9:3B:04:"
	  "F6:A1:E9:3B:04:F6:A1:E9:3B:04:F6:A1:01:23:45:67:89\n"), 0,
	  FOREIGN("a fingerprint") },
	{ "the same without its label",
	  BYTES("0F:3A:91:C2:7B:E4:5D:60:A8:91:C2:7B:E4:5D:60:A8:91:C2:7B:E4:5D:60:A8:91:C2:7B:E4"
	  ":5D:60:A8:CC:17:D2:5B:E9:3B:04:F6:A1:E9:3B:04:F6:A1:E9:3B:04:F6:A1:E9:3B:04:F6:A"
	  "1:E9:3B:04:F6:A1:01:23:45:67:89\n"), 0,
	  FOREIGN("a fingerprint") },
	{ "openssl rsa -modulus",
	  BYTES("Modulus=0F3A91C27BE45D60A891C27BE45D60A891C27BE45D60A891C27BE45D60A8CC17D25BE93B"
	  "04F6A1E93B04F6A1E93B04F6A1E93B04F6A1E93B04F6A10123456789\n"), 0,
	  MORE },
	{ "Bearer and a token",
	  BYTES("Bearer eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJpYXQiOjE2Njg2NjQ0NDYsImp0aSI6IjBl"
	  "NWNkYzR.HChW1vzHVA6dD_j4f0"), 0,
	  FOREIGN("a token (JWT), not its key") },
	{ "Authorization: bearer and a token",
	  BYTES("Authorization: bearer eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJpYXQiOjE2Njg2NjQ0N"
	  "DY.HChW1vzHVA6d"), 0,
	  FOREIGN("a token (JWT), not its key") },
	{ "sha512sum",
	  BYTES("0f3a91c27be45d60a891c27be45d60a891c27be45d60a891c27be45d60a8cc17d25be93b04f6a1e9"
	  "3b04f6a1e93b04f6a1e93b04f6a1e93b04f6a10123456789  key\n"), 0,
	  MORE },
	{ "openssl dgst",
	  BYTES("SHA2-512(key)= 0f3a91c27be45d60a891c27be45d60a891c27be45d60a891c27be45d60a8cc17d"
	  "25be93b04f6a1e93b04f6a1e93b04f6a1e93b04f6a1e93b04f6a10123456789\n"), 0,
	  MORE },
	{ "a comment behind the key",
	  BYTES("0f3a91c27be45d60a891c27be45d60a891c27be45d60a891c27be45d60a8cc17d25be93b04f6a1e9"
	  "3b04f6a1e93b04f6a1e93b04f6a1e93b04f6a10123456789 # of 2026\n"), 0,
	  MORE },
	{ "0x and digits",
	  BYTES("0x0f3a91c27be45d60a891c27be45d60a891c27be45d60a891c27be45d60a8cc17d25be93b04f6a1"
	  "e93b04f6a1e93b04f6a1e93b04f6a1e93b04f6a10123456789"), 0,
	  MORE },
	{ "0X and digits, a newline",
	  BYTES("0X0F3A91C27BE45D60A891C27BE45D60A891C27BE45D60A891C27BE45D60A8CC17D25BE93B04F6A1"
	  "E93B04F6A1E93B04F6A1E93B04F6A1E93B04F6A10123456789\n"), 0,
	  MORE },
	{ "base64: and a key",
	  BYTES("base64:AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuT"
	  "wjAzZr1Z9CAow=="), 0,
	  MORE },
	{ "Vault's ciphertext",
	  BYTES("vault:v1:AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgU"
	  "uTwjAzZr1Z9CAow\n"), 0,
	  MORE },
	{ "a variable",
	  BYTES("${JWT_SIGNING:?this must be set before the service can start, see the manual"
	  "}\n"), 0,
	  FOREIGN("a variable, not its value") },
	{ "a URL",
	  BYTES("https://vault.example.org/v1/secret/data/production/jwt/signing-key?version=2\n"), 0,
	  FOREIGN("a URL") },
	{ "two keys, a space between",
	  BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
	  "Z9CAow d3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAowAyM"
	  "1SysPpbyDfgZl\n"), 0,
	  MORE },
	{ "two keys, a comma between",
	  BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
	  "Z9CAow,d3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAowAyM"
	  "1SysPpbyDfgZl"), 0,
	  MORE },
	{ "two keys, a semicolon between",
	  BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
	  "Z9CAow;d3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAowAyM"
	  "1SysPpbyDfgZl"), 0,
	  MORE },
	{ "two keys in padded base64, a space between",
	  BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
	  "Z9CAow== d3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAowA"
	  "yM1SysPpbyDfgZl==\n"), 0,
	  MORE },
	{ "two keys, a zero between",
	  BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
	  "Z9CAow\x00" "d3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9C"
	  "AowAyM1SysPpbyDfgZl"), 0,
	  TWO },
	{ "two keys, each with a zero behind it",
	  BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
	  "Z9CAow\x00" "d3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9C"
	  "AowAyM1SysPpbyDfgZl\x00"), 0,
	  TWO },
	{ "two keys, a vertical tab between",
	  BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
	  "Z9CAow\x0b" "d3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9C"
	  "AowAyM1SysPpbyDfgZl"), 0,
	  TWO },
	{ "two keys, a form feed between",
	  BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
	  "Z9CAow\x0c" "d3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9C"
	  "AowAyM1SysPpbyDfgZl"), 0,
	  TWO },
	{ "two keys, U+2028 between",
	  BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
	  "Z9CAow\xe2\x80\xa8" "d3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwj"
	  "AzZr1Z9CAowAyM1SysPpbyDfgZl"), 0,
	  MORE },
	{ "two keys, an escape between",
	  BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
	  "Z9CAow\x1b" "d3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9C"
	  "AowAyM1SysPpbyDfgZl"), 0,
	  MORE },
	{ "a zero at the end",
	  BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
	  "Z9CAow\x00"), 0,
	  SPACE },
	{ "a zero at the beginning",
	  BYTES("\x00" "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuT"
	  "wjAzZr1Z9CAow"), 0,
	  SPACE },
	{ "a passphrase, a zero behind it",
	  BYTES("correct horse battery staple, but of at least sixty-four bytes!!!\x00"), 0,
	  SPACE },
	{ "a no-break space at the end",
	  BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
	  "Z9CAow\xc2\xa0"), 0,
	  MORE },
	{ "a no-break space at the beginning",
	  BYTES("\xc2\xa0" "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hc"
	  "gUuTwjAzZr1Z9CAow"), 0,
	  MORE },
	{ "a backslash and an n at the end",
	  BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
	  "Z9CAow\\n"), 0,
	  MORE },
	{ "a colour of a terminal",
	  BYTES("\x1b[1mAyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuT"
	  "wjAzZr1Z9CAow\x1b[0m"), 0,
	  MORE },
