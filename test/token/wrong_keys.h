	{ "a public key in PEM",
	  BYTES("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3es7okcR"
	  "UmMro/ri9syE\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\n"
	  "-----END PUBLIC KEY-----\n"), 0,
	  FOREIGN_PEM("PEM (PUBLIC KEY)") },
	{ "an RSA public key in PEM",
	  BYTES("-----BEGIN RSA PUBLIC KEY-----\nMEgCQQDdnwVSaGB4TEJdY8Uk6+V9Fm0mg7y3L+Cc8pDygigp"
	  "ZmcrpzbruMZgNr91\nQn2IJSOUYM4X6se8tW7bBQMEX+6hAgMBAAE=\n-----END RSA PUBLIC KEY-"
	  "----\n"), 0,
	  FOREIGN_PEM("PEM (RSA PUBLIC KEY)") },
	{ "a private key in PEM",
	  BYTES("-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAku"
	  "hQbZ4yQdhV+3+\nnEZ5qw5uasnJNLEzPn1I8D1JQ9ihRANCAASCjXPo32Dd6zuiRxFSYyuj+uL2zISh\n"
	  "JxB5vqoMIANqOMxEdTKNC+Q/F6iZW7s5S/F9pBktu8Sk5psPQmNrcMqq\n-----END PRIVATE KEY--"
	  "---\n"), 0,
	  FOREIGN_PEM("PEM (PRIVATE KEY, EC)") },
	{ "an RSA key in PEM",
	  BYTES("-----BEGIN PRIVATE KEY-----\n"
	  "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDAnJhvI5K+mErt\n"), 0,
	  FOREIGN_PEM("PEM (PRIVATE KEY, RSA)") },
	{ "one of P-384",
	  BYTES("-----BEGIN PRIVATE KEY-----\n"
	  "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBTaqdjxAfIbMVHyTWN\n"), 0,
	  FOREIGN_PEM("PEM (PRIVATE KEY, EC)") },
	{ "one of P-521",
	  BYTES("-----BEGIN PRIVATE KEY-----\n"
	  "MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIA4xf0dJCqT5k5rZ1d\n"), 0,
	  FOREIGN_PEM("PEM (PRIVATE KEY, EC)") },
	{ "an encrypted private key in PEM",
	  BYTES("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFD"
	  "DAcBAhW\n"), 0,
	  FOREIGN_PEM("PEM (ENCRYPTED PRIVATE KEY)") },
	{ "SEC1 in PEM",
	  BYTES("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIAJLoUG2eMkHYVft/pxGeasObmrJyTSxMz59SPA9"
	  "SUPYoAoGCCqGSM49\nAwEHoUQDQgAEgo1z6N9g3es7okcRUmMro/ri9syEoScQeb6qDCADajjMRHUyjQ"
	  "vk\nPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\n-----END EC PRIVATE KEY-----\n"), 0,
	  FOREIGN_PEM("PEM (EC PRIVATE KEY)") },
	{ "a certificate",
	  BYTES("-----BEGIN CERTIFICATE-----\nMIIBbDCCAROgAwIBAgIUITFMLb2e6wqHvy3QOYJ13zeRqVIwCgY"
	  "IKoZIzj0EAwIw\nDDEKMAgGA1UEAwwBYTAeFw0yNjExMjYxNTIxMzVaFw0yNjExMjcxNTIxMzVaMAwx\n"
	  "CjAIBgNVBAMMAWEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASCjXPo32Dd6zui\n"
	  "RxFSYyuj+uL2zIShJxB5vqoMIANqOMxEdTKNC+Q/F6iZW7s5S/F9pBktu8Sk5psP\n"
	  "QmNrcMqqo1MwUTAdBgNVHQ4EFgQUEzLbfr3gzS07HAUJmm+/8IlfB3kwHwYDVR0j\n"
	  "BBgwFoAUEzLbfr3gzS07HAUJmm+/8IlfB3kwDwYDVR0TAQH/BAUwAwEB/zAKBggq\n"
	  "hkjOPQQDAgNHADBEAiBDcQD+qniQpjBujmuLJ1pFSmyMpe+qdnhl2Iea7Z0QOgIg\n"
	  "Hle639eghhwm4fe/HdWovbt1RtSNLyuhaUYTa507B/A=\n-----END CERTIFICATE-----\n"), 0,
	  FOREIGN_PEM("PEM (CERTIFICATE)") },
	{ "a request for one",
	  BYTES("-----BEGIN CERTIFICATE REQUEST-----\nMIHFMG4CAQAwDDEKMAgGA1UEAwwBYTBZMBMGByqGSM4"
	  "9AgEGCCqGSM49\n"), 0,
	  FOREIGN_PEM("PEM (CERTIFICATE REQUEST, EC)") },
	{ "PEM behind text",
	  BYTES("Subject: CN=a\n    Issuer: b\n-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKo"
	  "ZIzj0DAQcDQgAEgo1z6N9g3es7okcRUmMro/ri9syE\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvx"
	  "faQZLbvEpOabD0Jja3DKqg==\n-----END PUBLIC KEY-----\n"), 0,
	  FOREIGN_PEM("PEM (PUBLIC KEY)") },
	{ "PEM behind blank lines",
	  BYTES("\n\n\n-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3e"
	  "s7okcRUmMro/ri9syE\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg=="
	  "\n-----END PUBLIC KEY-----\n"), 0,
	  FOREIGN_PEM("PEM (PUBLIC KEY)") },
	{ "PEM behind a byte order mark",
	  BYTES("\xef\xbb\xbf-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z"
	  "6N9g3es7okcRUmMro/ri9syE\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3"
	  "DKqg==\n-----END PUBLIC KEY-----\n"), 0,
	  FOREIGN_PEM("PEM (PUBLIC KEY)") },
	{ "PEM with CR LF",
	  BYTES("-----BEGIN PUBLIC KEY-----\r\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3es7ok"
	  "cRUmMro/ri9syE\r\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\r"
	  "\n-----END PUBLIC KEY-----\r\n"), 0,
	  FOREIGN_PEM("PEM (PUBLIC KEY)") },
	{ "PEM in one line, from an environment",
	  BYTES("-----BEGIN PUBLIC KEY-----\\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3es7okc"
	  "RUmMro/ri9syE\\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\\n-"
	  "----END PUBLIC KEY-----\\n"), 0,
	  FOREIGN_PEM("PEM (PUBLIC KEY)") },
	{ "PEM in JSON's array",
	  BYTES("[\"-----BEGIN PUBLIC KEY-----\\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3es7"
	  "okcRUmMro/ri9syE\\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\\"
	  "n-----END PUBLIC KEY-----\\n\"]"), 0,
	  FOREIGN_PEM("PEM (PUBLIC KEY)") },
	{ "PEM that lost its head",
	  BYTES("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3es7okcRUmMro/ri9syE\n"
	  "oScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\n"
	  "-----END PUBLIC KEY-----\n"), 0,
	  FOREIGN_PEM("PEM") },
	{ "PEM with an odd label",
	  BYTES("-----BEGIN some key-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgo1z6N9g3es7okcRUm"
	  "Mro/ri9syE\noScQeb6qDCADajjMRHUyjQvkPxeomVu7OUvxfaQZLbvEpOabD0Jja3DKqg==\n"
	  "-----END PUBLIC KEY-----\n"), 0,
	  FOREIGN_PEM("PEM") },
	{ "PEM without an end",
	  BYTES("-----BEGIN PUBLIC KEY"), 0,
	  FOREIGN_PEM("PEM") },
	{ "an OpenSSH private key",
	  BYTES("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQA"
	  "AAAAAAAABAAAAMwAAAAtzc2gtZW\nQyNTUxOQAAACAyfYFMbIip+ZArpClpzS7Zg93COri505tCoZF5t"
	  "42qMAAAAIgt0hONLdIT\njQAAAAtzc2gtZWQyNTUxOQAAACAyfYFMbIip+ZArpClpzS7Zg93COri505t"
	  "CoZF5t42qMA\nAAAECYY1yocSHpr2DYhNSD1bxjmQIv/pZmV97sNEjtBnaOXTJ9gUxsiKn5kCukKWnNL"
	  "tmD\n3cI6uLnTm0KhkXm3jaowAAAAA3VAaAEC\n-----END OPENSSH PRIVATE KEY-----\n"), 0,
	  FOREIGN_PEM("PEM (OPENSSH PRIVATE KEY)") },
	{ "GPG's armour",
	  BYTES("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEawhO2RYJKwYBBAHaRw8BAQdAFWfSrr9l1GKU"
	  "y3V/4gK9oXMIUNQfL9QXpxdI\nU7bkOrS0B0EgPGFAYj6IlgQTFggAPhYhBD8oMr/vds94pz9aXHEEik"
	  "Ocw14YBQJr\nCE7ZAhsDBQkDwmcABQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJEHEEikOcw14Y\n"
	  "PZcA/RhLRXl7KHvRGblyfiCwsos9hBwTW8Fv8gEUtolKJxawAQDf/yg4bE+0iJjL\n"
	  "jiaoj/EFyM6jXv6OonMyRe8Goy1rDw==\n=m5uC\n-----END PGP PUBLIC KEY BLOCK-----\n"), 0,
	  FOREIGN_PEM("PEM (PGP PUBLIC KEY BLOCK)") },
	{ "an OpenVPN key",
	  BYTES("#\n# 2048 bit OpenVPN static key\n#\n-----BEGIN OpenVPN Static key V1-----\n"
	  "6acef03f62675b4b1bbd03e53b187727\n"), 0,
	  FOREIGN_PEM("PEM") },
	{ "PEM in base64",
	  BYTES("LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RR"
	  "Z0FFZ28xejZOOWczZXM3b2tjUlVtTXJvL3JpOXN5RQpvU2NRZWI2cURDQURh"), 0,
	  FOREIGN_PEM("PEM in base64") },
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
	  FOREIGN("JSON in base64") },
	{ "a JWK Set in base64url",
	  BYTES("eyJrZXlzIjpbeyJrdHkiOiJvY3QiLCJrIjoiQXlNMVN5c1BwYnlEZmdabGQzdW1qMXF6S09id1ZNa29x"
	  "US1Fc3RKUUxyX1QtMXFTMGdaSDc1YUt0TU4zWWowaVBTNGhjZ1V1VHdqQXpacjFaOUNBb3cifV19"), 0,
	  FOREIGN("JSON in base64") },
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
	{ "a public JWK of EC",
	  BYTES(" {\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrw"
	  "IaaPcHURo\"}"), 0,
	  "its kty is \"EC\", not oct or OKP" },
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
	  FOREIGN_PEM("PEM in hexadecimal digits") },
	{ "a JWK in hexadecimal digits",
	  BYTES("7b226b7479223a226f6374222c226b223a2241794d31537973507062794466675a6c6433756d6a31"
	  "717a4b4f6277564d6b6f71512d4573744a514c725f542d31715330675a483735614b744d4e33596a"
	  "3069505334686367557554776a417a5a72315a3943416f77227d"), 0,
	  FOREIGN("JSON in hexadecimal digits") },
	{ "a JWK in base64, whose first member is alg",
	  BYTES("eyJhbGciOiJIUzUxMiIsImt0eSI6Im9jdCIsImsiOiJBeU0xU3lzUHBieURmZ1psZDN1bWoxcXpLT2J3"
	  "Vk1rb3FRLUVzdEpRTHJfVC0xcVMwZ1pINzVhS3RNTjNZajBpUFM0aGNnVXVUd2pBelpyMVo5Q0FvdyJ9"), 0,
	  FOREIGN("JSON in base64") },
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
	{ "a DER public key, a newline behind it",
	  BYTES("0Y0\x13\x06\x07*\x86H\xce=\x02\x01\x06\x08*\x86H\xce=\x03\x01\x07\x03" "B\x00"
	  "\x04\xdd\x08" "4\x91q:7j\x0e=\n\x10;O/\xf1v5\xa7\xb9hz\x96sKy\x91+\xd2\xba\xcd"
	  "\xfa\xe8\x89N\xfa" "B\x05\xaa\x86" "AvA\xea" "eNjIK\x1d\xf7\xbb%/\x18n\x8e" "b"
	  "+\xa3" "4\x12\xcf'\n"), 0,
	  FOREIGN("DER (a key, a certificate)") },
	{ "a DER public key, more behind it",
	  BYTES("0Y0\x13\x06\x07*\x86H\xce=\x02\x01\x06\x08*\x86H\xce=\x03\x01\x07\x03" "B\x00"
	  "\x04\xdd\x08" "4\x91q:7j\x0e=\n\x10;O/\xf1v5\xa7\xb9hz\x96sKy\x91+\xd2\xba\xcd"
	  "\xfa\xe8\x89N\xfa" "B\x05\xaa\x86" "AvA\xea" "eNjIK\x1d\xf7\xbb%/\x18n\x8e" "b"
	  "+\xa3" "4\x12\xcf'\x0d\n\n \x00"), 0,
	  FOREIGN("DER (a key, a certificate)") },
	{ "a DER public key, a zero before it",
	  BYTES("\x00" "0Y0\x13\x06\x07*\x86H\xce=\x02\x01\x06\x08*\x86H\xce=\x03\x01\x07\x03"
	  "B\x00\x04\xdd\x08" "4\x91q:7j\x0e=\n\x10;O/\xf1v5\xa7\xb9hz\x96sKy\x91+\xd2\xba"
	  "\xcd\xfa\xe8\x89N\xfa" "B\x05\xaa\x86" "AvA\xea" "eNjIK\x1d\xf7\xbb%/\x18n\x8e"
	  "b+\xa3" "4\x12\xcf'"), 0,
	  FOREIGN("DER (a key, a certificate)") },
	{ "a DER public key, blanks before it",
	  BYTES(" \x09\x0d\n0Y0\x13\x06\x07*\x86H\xce=\x02\x01\x06\x08*\x86H\xce=\x03\x01\x07"
	  "\x03" "B\x00\x04\xdd\x08" "4\x91q:7j\x0e=\n\x10;O/\xf1v5\xa7\xb9hz\x96sKy\x91"
	  "+\xd2\xba\xcd\xfa\xe8\x89N\xfa" "B\x05\xaa\x86" "AvA\xea" "eNjIK\x1d\xf7\xbb"
	  "%/\x18n\x8e" "b+\xa3" "4\x12\xcf'"), 0,
	  FOREIGN("DER (a key, a certificate)") },
	{ "two DER public keys",
	  BYTES("0Y0\x13\x06\x07*\x86H\xce=\x02\x01\x06\x08*\x86H\xce=\x03\x01\x07\x03" "B\x00"
	  "\x04\xdd\x08" "4\x91q:7j\x0e=\n\x10;O/\xf1v5\xa7\xb9hz\x96sKy\x91+\xd2\xba\xcd"
	  "\xfa\xe8\x89N\xfa" "B\x05\xaa\x86" "AvA\xea" "eNjIK\x1d\xf7\xbb%/\x18n\x8e" "b"
	  "+\xa3" "4\x12\xcf'0Y0\x13\x06\x07*\x86H\xce=\x02\x01\x06\x08*\x86H\xce=\x03\x01"
	  "\x07\x03" "B\x00\x04\xdd\x08" "4\x91q:7j\x0e=\n\x10;O/\xf1v5\xa7\xb9hz\x96sK"
	  "y\x91+\xd2\xba\xcd\xfa\xe8\x89N\xfa" "B\x05\xaa\x86" "AvA\xea" "eNjIK\x1d\xf7"
	  "\xbb%/\x18n\x8e" "b+\xa3" "4\x12\xcf'"), 0,
	  FOREIGN("DER (a key, a certificate)") },
	{ "PKCS#1, public, a newline behind it",
	  BYTES("0\x81\x89\x02\x81\x81\x00\xb7\x94kz\x03i\xbe\xfaiv\xe5\xd8" "a\xb2\xe0\xee\xae"
	  "\xc1'\x02\x83" "7a\\&\x84\xa8,\xf6%\xd5\xbctG\xd1\x8d\xd2\xefV\xec\x80\xda\x14"
	  "$\x1e\xd1-/\x8b\xb9\x9d\x13" "e\x80\xe2\xa4Qe?\x82\xc0\xa0I\x81\xcd\xa1\xad\x02"
	  "z\xf4" "5\xc2\xb5-\xd3\xc8" "C\xa7" "A3\xf4\x92\xa6|\xa7&M\xfe`\x9b" "1)\xcc"
	  "\xc4_+\xc7\x00@\xcaK\xc0\xe5m\xd4T\xb2\x8ckMT\xe5\xe5\x1c\xab\x98\xa9\x8f" "E"
	  "\xef\x0f" "0\xb9 9b\x9eQ\x02\x03\x01\x00\x01\n"), 0,
	  FOREIGN("DER (a key, a certificate)") },
	{ "PKCS#1, public, a newline before it",
	  BYTES("\n0\x81\x89\x02\x81\x81\x00\xb7\x94kz\x03i\xbe\xfaiv\xe5\xd8" "a\xb2\xe0\xee"
	  "\xae"), 141,
	  FOREIGN("DER (a key, a certificate)") },
	{ "PKCS#1, public, a word behind it",
	  BYTES("0\x81\x89\x02\x81\x81\x00\xb7\x94kz\x03i\xbe\xfaiv\xe5\xd8" "a\xb2\xe0\xee\xae"), 150,
	  FOREIGN("DER (a key, a certificate)") },
	{ "PKCS#1, private, a newline before it",
	  BYTES("\n0\x82\x04\xa3\x02\x01\x00\x02\x82\x01\x01\x00\x9f\xe6\x0b\xd1y\xd4" "aB\xd1"
	  "P\xb9\xc9"), 1191,
	  FOREIGN("DER (a key, a certificate)") },
	{ "PKCS#1, public, of 512 bits",
	  BYTES("0H\x02" "A\x00\xdd\x9f\xb2" "b\x82\xc7#\x86\x05>\xf8\x02\x1d\x1b\x9c\x08\\\xdc"
	  "+\xdaL\xaf\xff\xbb\x06x\xc6\x8dZ\xda" "A\x0b" "A*\xcaYJ\xe3\x80\xf6\xaf\x16M"
	  "%\x18\xd9P\xba\xd4\x1d" "At!\x91\xdc\\8\xc2\xda!-\xe7\xcf\xd7\x02\x03\x01\x00"
	  "\x01"), 0,
	  FOREIGN("DER (a key, a certificate)") },
	{ "SEC1, a newline before it",
	  BYTES("\n0w\x02\x01\x01\x04 \xea\xd7Ro\xcf\xc5\x90\xae\x81\x8e\x94\xce\x81>2\n\xd2"), 122,
	  FOREIGN("DER (a key, a certificate)") },
	{ "SEC1 of P-384, blanks before it",
	  BYTES("\n\n0\x81\xa4\x02\x01\x01\x04" "0\xc6h\x94'\xd6!.\xd1\xef\xb6\xe8\x7f\xa2" "2"
	  "\x08\xdb"), 169,
	  FOREIGN("DER (a key, a certificate)") },
	{ "SPKI of Ed25519, twice",
	  BYTES("0*0\x05\x06\x03+ep\x03!\x00\xf1\x1f\xe6;\xc1\x8bo\xed\x1d\x8f\xb8\xa9\x0f\x07"
	  "\x0d\xf0\x13" "8\x0eU\x16\x14;\xfe\xca\xc0\x9c\xee\xafg5\x04" "0*0\x05\x06\x03"
	  "+ep\x03!\x00\xf1\x1f\xe6;\xc1\x8bo\xed\x1d\x8f\xb8\xa9\x0f\x07\x0d\xf0\x13" "8"
	  "\x0eU\x16\x14;\xfe\xca\xc0\x9c\xee\xafg5\x04"), 0,
	  FOREIGN("DER (a key, a certificate)") },
	{ "a certificate of P-256 in DER",
	  BYTES("0\x82\x01l0\x82\x01\x13\xa0\x03\x02\x01\x02\x02\x14" "bF\xd0r\xf9\xc8#\xd8\xd2"
	  "\xd2HF3\xe7\xe0\x8e(\x83\x00@0\n\x06\x08*\x86H\xce=\x04\x03\x02" "0\x0c" "1\n"
	  "0\x08\x06\x03U\x04\x03\x0c\x01" "a0\x1e\x17"), 368,
	  FOREIGN("DER (a key, a certificate)") },
	{ "a certificate of P-256, cut off",
	  BYTES("0\x82\x01l0\x82\x01\x13\xa0\x03\x02\x01\x02\x02\x14" "bF\xd0r\xf9\xc8#\xd8\xd2"
	  "\xd2HF3\xe7\xe0\x8e(\x83\x00@0\n\x06\x08*\x86H\xce=\x04\x03\x02" "0\x0c" "1\n"
	  "0\x08\x06\x03U\x04\x03\x0c\x01" "a0\x1e\x17"), 300,
	  FOREIGN("DER (a key, a certificate)") },
	{ "a certificate of RSA in DER",
	  BYTES("0\x82\x02\xf9" "0\x82\x01\xe1\xa0\x03\x02\x01\x02\x02\x14,\xef,\x85\xc1\x84\x06"
	  ":Q\x7fIeN\xb1\xb9\xf7#\xe8\xd3" "80\x0d\x06\x09*\x86H\x86\xf7\x0d\x01\x01\x0b"
	  "\x05\x00" "0\x0c" "1\n0\x08\x06\x03U\x04\x03\x0c\x01" "a"), 765,
	  FOREIGN("DER (a key, a certificate)") },
	{ "a request in DER",
	  BYTES("0\x81\xc6" "0n\x02\x01\x00" "0\x0c" "1\n0\x08\x06\x03U\x04\x03\x0c\x01" "a0Y"
	  "0\x13\x06\x07*\x86H\xce=\x02\x01\x06\x08*\x86H\xce=\x03\x01\x07\x03" "B\x00\x04"
	  "\xdd\x08" "4\x91q:7j\x0e=\n\x10;O/"), 201,
	  FOREIGN("DER (a key, a certificate)") },
	{ "a list of those taken back in DER",
	  BYTES("0\x81\x91" "080\n\x06\x08*\x86H\xce=\x04\x03\x02" "0\x0c" "1\n0\x08\x06\x03U"
	  "\x04\x03\x0c\x01" "a\x17\x0d" "261127023131Z\x17\x0d" "261206023131Z0\n\x06"), 148,
	  FOREIGN("DER (a key, a certificate)") },
	{ "PKCS#12, a newline before it",
	  BYTES("\n0\x82\x03\xfc\x02\x01\x03" "0\x82\x03\xb2\x06\x09*\x86H\x86\xf7\x0d\x01\x07"
	  "\x01\xa0\x82"), 1025,
	  FOREIGN("PKCS#12") },
	{ "a certificate in hexadecimal digits, as xxd -p shows it",
	  BYTES("3082016c30820113a00302010202146246d072f9c823d8d2d2484633e7e0\n8e28830040300a"
	  "06082a8648ce3d040302300c310a300806035504030c01\n61301e170d323631313237303233"
	  "3133315a170d32363131323830323331\n33315a300c310a300806035504030c016130593013"
	  "06072a8648ce3d0201\n06082a8648ce3d03010703420004dd083491713a376a0e3d0a103b4f"
	  "2ff1\n7635a7b9687a96734b79912bd2bacdfae8894efa4205aa86417641ea654e\n6a494b1d"
	  "f7bb252f186e8e622ba33412cf27a3533051301d0603551d0e04\n16041442ce45f0acd8d26c"
	  "3589ea21c1971316056f3bf8301f0603551d23\n04183016801442ce45f0acd8d26c3589ea21"
	  "c1971316056f3bf8300f0603\n551d130101ff040530030101ff300a06082a8648ce3d040302"
	  "0347003044\n02204b1aae85d440e0e5a8f825ff5c8e07d6236c684132d079eddcc248c4\nb7"
	  "71612a022035b21b4adbd2d111ca4c7c0e016644bfc031e83ca9ab87b9\n2b2c2ae82ec1477c"
	  "\n"), 0,
	  FOREIGN("DER (a key, a certificate) in hexadecimal digits") },
	{ "an SSH public key of a token's bytes",
	  BYTES("\x00\x00\x00\x1ask-ssh-ed25519@openssh.com\x00\x00\x00 \x9c\xcf&+\x03\x04k\xda"
	  "_\xfd]\xdf.4\xb8\xabpL\xbe\xfdi\x89mA\x84" "9\xf2,~O"), 74,
	  FOREIGN("an SSH public key") },
	{ "an SSH public key of a token's bytes, ECDSA",
	  BYTES("\x00\x00\x00\"sk-ecdsa-sha2-nistp256@openssh.com\x00\x00\x00\x08nistp256\x00"
	  "\x00\x00" "A\x04\xdd\x08" "4\x91q:7j\x0e"), 127,
	  FOREIGN("an SSH public key") },
	{ "an SSH certificate's bytes",
	  BYTES("\x00\x00\x00(ecdsa-sha2-nistp256-cert-v01@openssh.com\x00\x00\x00 Ytu=\xcb\x9e"
	  "ch\x8b^\xf3\xc4\xd8\xef\xe4\x06"), 483,
	  FOREIGN("an SSH public key") },
	{ "an SSH public key of a token in base64, ECDSA",
	  BYTES("AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdHAyNTYAAABBBN0I"
	  "NJFxOjdqDj0KEDtPL/F2Nae5aHqWc0t5kSvSus366IlO+kIFqoZBdkHqZU5qSUsd97slLxhujmIr"
	  "ozQSzycAAAAEc3NoOg=="), 0,
	  FOREIGN("an SSH public key in base64") },
	{ "an SSH certificate in base64",
	  BYTES("AAAAKGVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb3BlbnNzaC5jb20AAAAgWXR1PcueY2iL"
	  "XvPE2O/kBivRX0PSp5ihGN2OB6lKEWUAAAAIbmlzdHAyNTYAAABBBGvbBuWel3iqFOiR1+JCyeCw"
	  "vAaB5yUTuMFQEL5aZReNriZKgAziVprWdJoGwnuuuoLhshxX"), 0,
	  FOREIGN("an SSH public key in base64") },
	{ "an SSH certificate of RSA in base64",
	  BYTES("AAAAHHNzaC1yc2EtY2VydC12MDFAb3BlbnNzaC5jb20AAAAgxs4/7aEXVnBJ16B5RcGCiDRlG2tg"
	  "52BVQ92Bx9AWSNQAAAADAQABAAABgQDHvElhDKTKHN4SCl6ayAH0IV2OJVcRasBGmVK+LcNhOSQI"
	  "g1/46IKLssBp7WxX4skuDMcjBZA3Wrhf341a+bMXwQy83mGN\n"), 0,
	  FOREIGN("an SSH public key in base64") },
	{ "PEM, percent-encoded",
	  BYTES("-----BEGIN%20PUBLIC%20KEY-----%0AMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE3Qg0kXE"
	  "6N2oOPQoQO08v8XY1p7lo%0AepZzS3mRK9K6zfroiU76QgWqhkF2QeplTmpJSx33uyUvGG6OYiuj"
	  "NBLPJw%3D%3D%0A-----END%20PUBLIC%20KEY-----%0A"), 0,
	  FOREIGN_PEM("PEM") },
	{ "PEM as a form has it",
	  BYTES("-----BEGIN+PUBLIC+KEY-----%0AMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE3Qg0kXE6N2o"
	  "OPQoQO08v8XY1p7lo%0AepZzS3mRK9K6zfroiU76QgWqhkF2QeplTmpJSx33uyUvGG6OYiujNBLP"
	  "Jw%3D%3D%0A-----END+PUBLIC+KEY-----%0A"), 0,
	  FOREIGN_PEM("PEM") },
	{ "PEM, percent-encoded with its dashes",
	  BYTES("%2d%2d%2d%2d%2dBEGIN%20PUBLIC%20KEY%2d%2d%2d%2d%2d%0AMFkwEwYHKoZIzj0CAQYIKoZ"
	  "Izj0DAQcDQgAE3Qg0kXE6N2oOPQoQO08v8XY1p7lo%0AepZzS3mRK9K6zfroiU76QgWqhkF2Qepl"
	  "TmpJSx33uyUvGG6OYiujNBLPJw%3D%3D%0A%2d%2d%2d%2d%2dEND%20PUBLIC%20KEY%2d%2d%2"
	  "d%2d%2d%0A"), 0,
	  FOREIGN_PEM("PEM") },
	{ "PEM, percent-encoded throughout",
	  BYTES("%2D%2D%2D%2D%2D%42%45%47%49%4E%20%50%55%42%4C%49%43%20%4B%45%59%2D%2D%2D%2D%"
	  "2D%0A%4D%46%6B%77%45%77%59%48%4B%6F%5A%49%7A%6A%30%43%41%51%59%49%4B%6F%5A%4"
	  "9%7A%6A%30%44%41%51%63%44%51%67%41%45%33%51%67%30%6B%58%45%36%4E%32%6F%4F%50"
	  "%51%6F%51%4F"), 0,
	  FOREIGN_PEM("PEM in hexadecimal digits") },
	{ "PEM as C has bytes",
	  BYTES("\\x2d\\x2d\\x2d\\x2d\\x2d\\x42\\x45\\x47\\x49\\x4e\\x20\\x50\\x55\\x42\\x4c\\"
	  "x49\\x43\\x20\\x4b\\x45\\x59\\x2d\\x2d\\x2d\\x2d\\x2d\\x0a\\x4d\\x46\\x6b\\x"
	  "77\\x45\\x77\\x59\\x48\\x4b\\x6f\\x5a\\x49\\x7a\\x6a\\x30\\x43\\x41\\x51\\x5"
	  "9\\x49\\x4b\\x6f\\x5a\\x49\\x7a\\x6a\\x30\\x44\\x41\\x51\\x63\\x44\\x51\\x67"
	  "\\x41\\x45\\x33\\x51\\x67\\x30\\x6b\\x58\\x45\\x36\\x4e\\x32\\x6f\\x4f\\x50\\"
	  "x51\\x6f\\x51\\x4f"), 0,
	  FOREIGN_PEM("PEM in hexadecimal digits") },
	{ "PEM as C has numbers",
	  BYTES("0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x42, 0x45, 0x47, 0x49, 0x4e, 0x20, 0x50, 0x55"
	  ", 0x42, 0x4c, 0x49, 0x43, 0x20, 0x4b, 0x45, 0x59, 0x2d, 0x2d, 0x2d, 0x2d, 0x"
	  "2d, 0x0a, 0x4d, 0x46, 0x6b, 0x77, 0x45, 0x77, 0x59, 0x48, 0x4b, 0x6f, 0x5a, "
	  "0x49, 0x7a, 0x6a, 0x30, 0x43, 0x41, 0x51, 0x59, 0x49, 0x4b, 0x6f, 0x5a, 0x49"
	  ", 0x7a, 0x6a, 0x30, 0x44, 0x41, 0x51, 0x63, 0x44, 0x51, 0x67, 0x41, 0x45, 0x"
	  "33, 0x51, 0x67, 0x30, 0x6b, 0x58, 0x45, 0x36, 0x4e, 0x32, 0x6f, 0x4f, 0x50, "
	  "0x51, 0x6f, 0x51, 0x4f"), 0,
	  FOREIGN_PEM("PEM in hexadecimal digits") },
	{ "PEM in hexadecimal digits, a backslash and an n between",
	  BYTES("2d2d2d2d2d424547494e205055424c4943204b45592d2d2d2d2d0a4d466b\\n77457759484b6"
	  "f5a497a6a3043415159494b6f5a497a6a30444151634451\\n674145335167306b5845364e32"
	  "6f4f50516f514f3038763858593170376c\\n6f0a65705a7a53336d524b394b367a66726f695"
	  "5373651675771686b4632"), 0,
	  FOREIGN_PEM("PEM in hexadecimal digits") },
	{ "PEM in base64, in lines",
	  BYTES("LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFR"
	  "\nY0RRZ0FFM1FnMGtYRTZOMm9PUFFvUU8wOHY4WFkxcDdsbwplcFp6UzNtUks5SzZ6ZnJvaVU3Nl"
	  "Fn\nV3Foa0YyUWVwbFRtcEpTeDMzdXlVdkdHNk9ZaXVqTkJMUEp3PT0KLS0tLS1FTkQgUFVCTElD"
	  "IEtF\nWS0tLS0tCg==\n"), 0,
	  FOREIGN_PEM("PEM in base64") },
	{ "PEM in base64 in base64",
	  BYTES("TFMwdExTMUNSVWRKVGlCUVZVSk1TVU1nUzBWWkxTMHRMUzBLVFVacmQwVjNXVWhMYjFwSmVtb3dR"
	  "MEZSV1VsTGIxcEplbW93UkVGUlkwUlJaMEZGTTFGbk1HdFlSVFpPTW05UFVGRnZVVTh3T0hZNFdG"
	  "a3hjRGRzYndwbGNGcDZVek50VWtzNVN6WjZabkp2YVZVM05sRm5WM0ZvYTBZeVVXVndiRlJ0Y0Vw"
	  "VGVETXpkWGxWZGtkSE5rOVphWFZxVGtKTVVFcDNQVDBLTFMwdExTMUZUa1FnVUZWQ1RFbERJRXRG"
	  "V1MwdExTMHRDZz09Cg==\n"), 0,
	  FOREIGN_PEM("PEM in base64") },
	{ "PEM in base64 in hexadecimal digits",
	  BYTES("4c5330744c5331435255644a5469425156554a4d53554d675330565a4c5330744c53304b5455"
	  "5a72643056335755684c6231704a656d6f775130465257556c4c6231704a656d6f7752454652"
	  "593052525a3046464d31466e4d47745952545a4f4d6d395055464676555538774f4859345746"
	  "6b78634464736277706c63467036557a4e74556b7335537a5a365a6e4a76615655334e6c466e"
	  "5633466f6130597955575677624652746345705465444d7a64586c56646b64484e6b395a6158"
	  "5671546b4a4d554570335054304b4c5330744c533146546b51675546564354456c4449457446"
	  "575330744c53307443673d3d"), 0,
	  FOREIGN_PEM("PEM in base64") },
	{ "PEM in base32",
	  BYTES("FUWS2LJNIJCUOSKOEBIFKQSMJFBSAS2FLEWS2LJNFUFE2RTLO5CXOWKIJNXVUSL2NIYEGQKRLFEU"
	  "W322JF5GUMCEIFIWGRCRM5AUKM2RM4YGWWCFGZHDE32PKBIW6UKP"), 0,
	  FOREIGN_PEM("PEM in base32") },
	{ "a DER public key in base64, in lines",
	  BYTES("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE3Qg0kXE6N2oOPQoQO08v8XY1p7loepZzS3mRK9K6"
	  "\nzfroiU76QgWqhkF2QeplTmpJSx33uyUvGG6OYiujNBLPJw==\n"), 0,
	  FOREIGN("DER (a key, a certificate) in base64") },
	{ "a DER public key in base64, a backslash and an n between",
	  BYTES("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE3Qg0kXE6N2oOPQoQO08v8XY1p7lo\\nepZzS3mRK"
	  "9K6zfroiU76QgWqhkF2QeplTmpJSx33uyUvGG6OYiujNBLPJw==\\n"), 0,
	  FOREIGN("DER (a key, a certificate) in base64") },
	{ "a DER public key and a newline in base64",
	  BYTES("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE3Qg0kXE6N2oOPQoQO08v8XY1p7loepZzS3mRK9K6"
	  "zfroiU76QgWqhkF2QeplTmpJSx33uyUvGG6OYiujNBLPJwo="), 0,
	  FOREIGN("DER (a key, a certificate) in base64") },
	{ "JSON in base64 that begins with 7b20226b7479223a",
	  BYTES("eyAia3R5Ijoib2N0IiwiayI6Imxna0xBS1VEc3pCY2dNdndDUGdoVVRVODFoSjBvd1BJSzRsSDF4"
	  "Q1JIaGxKdXc1UVZPZFd6NEt0UnpMUjhoZkFSaEdxM1NIZ2xCdUpfaUxEYTdnYkxRIn0="), 0,
	  FOREIGN("JSON in base64") },
	{ "JSON in base64 that begins with 7b0a2020226b7479",
	  BYTES("ewogICJrdHkiOiJvY3QiLCJrIjoibGdrTEFLVURzekJjZ012d0NQZ2hVVFU4MWhKMG93UElLNGxI"
	  "MXhDUkhobEp1dzVRVk9kV3o0S3RSekxSOGhmQVJoR3EzU0hnbEJ1Sl9pTERhN2diTFEifQ=="), 0,
	  FOREIGN("JSON in base64") },
	{ "JSON in base64 that begins with 7b226b223a222573",
	  BYTES("eyJrIjoibGdrTEFLVURzekJjZ012d0NQZ2hVVFU4MWhKMG93UElLNGxIMXhDUkhobEp1dzVRVk9k"
	  "V3o0S3RSekxSOGhmQVJoR3EzU0hnbEJ1Sl9pTERhN2diTFEiLCJrdHkiOiJvY3QifQ=="), 0,
	  FOREIGN("JSON in base64") },
	{ "JSON in base64 that begins with 7b22616c67223a22",
	  BYTES("eyJhbGciOiJIUzUxMiIsImsiOiJsZ2tMQUtVRHN6QmNnTXZ3Q1BnaFVUVTgxaEowb3dQSUs0bEgx"
	  "eENSSGhsSnV3NVFWT2RXejRLdFJ6TFI4aGZBUmhHcTNTSGdsQnVKX2lMRGE3Z2JMUSIsImt0eSI6"
	  "Im9jdCJ9"), 0,
	  FOREIGN("JSON in base64") },
	{ "JSON in base64 that begins with 7b226b6964223a22",
	  BYTES("eyJraWQiOiIxIiwia3R5Ijoib2N0IiwiayI6Imxna0xBS1VEc3pCY2dNdndDUGdoVVRVODFoSjBv"
	  "d1BJSzRsSDF4Q1JIaGxKdXc1UVZPZFd6NEt0UnpMUjhoZkFSaEdxM1NIZ2xCdUpfaUxEYTdnYkxR"
	  "In0="), 0,
	  FOREIGN("JSON in base64") },
	{ "JSON in base64 that begins with 7b226b657973223a",
	  BYTES("eyJrZXlzIjpbeyJrdHkiOiJvY3QiLCJrIjoibGdrTEFLVURzekJjZ012d0NQZ2hVVFU4MWhKMG93"
	  "UElLNGxIMXhDUkhobEp1dzVRVk9kV3o0S3RSekxSOGhmQVJoR3EzU0hnbEJ1Sl9pTERhN2diTFEi"
	  "fV19"), 0,
	  FOREIGN("JSON in base64") },
	{ "JSON in base64 that begins with 0a7b226b7479223a",
	  BYTES("Cnsia3R5Ijoib2N0IiwiayI6Imxna0xBS1VEc3pCY2dNdndDUGdoVVRVODFoSjBvd1BJSzRsSDF4"
	  "Q1JIaGxKdXc1UVZPZFd6NEt0UnpMUjhoZkFSaEdxM1NIZ2xCdUpfaUxEYTdnYkxRIn0K"), 0,
	  FOREIGN("JSON in base64") },
	{ "a JWK, percent-encoded",
	  BYTES("%7B%22kty%22%3A%22oct%22%2C%22k%22%3A%22lgkLAKUDszBcgMvwCPghUTU81hJ0owPIK4lH"
	  "1xCRHhlJuw5QVOdWz4KtRzLR8hfARhGq3SHglBuJ_iLDa7gbLQ%22%7D"), 0,
	  FOREIGN("JSON") },
	{ "age's identity, in small letters",
	  BYTES("age-secret-key-1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n"), 0,
	  FOREIGN("a key of age") },
	{ "a public key of age",
	  BYTES("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n"), 0,
	  SHORT },
	{ "a public key of age's plugin",
	  BYTES("age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t\n"), 0,
	  FOREIGN("a key of age") },
	{ "PASETO, v4.local",
	  BYTES("v4.local.0-v_C1Nu4tuKQwx_gVnZpTfRCZgkTgZCtxe21E7j-mkWU_vzXGnMUaYNdmoGrnEB8Er"
	  "P3PABArS24Y_F"), 0,
	  FOREIGN("PASETO") },
	{ "PASETO, v4.public",
	  BYTES("v4.public.SMk45ayN3c8nLzN96_WLTuA6_syWUZnyZQd5t-Iix_gv0f-jPMclZm9fRm1mJ84w2A"
	  "poxtYrUzlklIq5"), 0,
	  FOREIGN("PASETO") },
	{ "PASETO, k2.local",
	  BYTES("k2.local.-hIExh_YrBnZOrThcUfcWXnUZgXMuE1LaXQITu9CVaw4-WyokRgr5poz8veTBXyDvPk"
	  "kTmd8X72UUy_-"), 0,
	  FOREIGN("PASETO") },
	{ "PASETO, k4.secret",
	  BYTES("k4.secret.1J3_qmwY6LKeJc0PA3Y3jKNUqGlnGyIZ98pnOQNLeACCE0qyuhN1dtX34D0jY4WGQ6"
	  "MHGJAYoQ0IAVnJ"), 0,
	  FOREIGN("PASETO") },
	{ "PASETO, k4.local-wrap.pie",
	  BYTES("k4.local-wrap.pie.SVOi_3SnL6uCTwJ1Bpn1fRO0WfyuWlj0uI6D2XZzDI-bQdKkCXMWyFlPGT"
	  "HZjwLM48FeN3F9q_fGlcQk"), 0,
	  FOREIGN("PASETO") },
	{ "PASETO, k4.secret-pw",
	  BYTES("k4.secret-pw.rBmy9TTqT52rYxAyET3r12KpJTUkIMhVflAakbGl2Wsjqi5F8X967gdQfw4aXkT"
	  "oSbwJcw1DcVISTeND"), 0,
	  FOREIGN("PASETO") },
	{ "SCRAM",
	  BYTES("SCRAM-SHA-256$4096:GapCzhtaqWMabd6+CGyXTg==$YSyKM5KQkRUzFwYyOSrnShE/jFj6ZQ8g"
	  "oePHMLZnBXs=:o+8T1NxU4XG+f9TWKNOvI6nvWAavJBk8wWLlN54PeFY="), 0,
	  FOREIGN("hashes of passwords") },
	{ "a user and SCRAM",
	  BYTES("\"me\":SCRAM-SHA-256$4096:eDdGH2VZfzTCQT8BHlH7sQ==$eRV6GWFPMc0OvAI/2j9aVVPk0"
	  "CFugaX3P8RuaovcQwc=:F5AWwtFZwVWoy8EK3yzCM8okziShGJxLCHDfomkt67c="), 0,
	  FOREIGN("hashes of passwords") },
	{ "PBKDF2",
	  BYTES("$pbkdf2-sha512$25000$cFOEn67rHjL93MZEfq6NVQ==$ZHzrj8yuGGkStyRI+qlWL7EC5OvG4C"
	  "rToXblyRNsVpXDKA/BKTg2j45fHeLNSkRR3fIicOySJ/md7WGY2XdR+g=="), 0,
	  FOREIGN("hashes of passwords") },
	{ "Django's PBKDF2",
	  BYTES("pbkdf2_sha256$600000$8b0e7153bf7c3706d85c52$hqtQK39gxIJTyVo/3vyDRp07vpVjQTsU"
	  "tZsiFseOaQQ="), 0,
	  FOREIGN("hashes of passwords") },
	{ "Werkzeug's PBKDF2",
	  BYTES("pbkdf2:sha256:600000$4e440066559a6656$c90bd5482a90a29b9fa5ff5180bc0dbc0e1563"
	  "7ebb8e3b91d26ab4a829a95249"), 0,
	  FOREIGN("hashes of passwords") },
	{ "Werkzeug's scrypt",
	  BYTES("scrypt:32768:8:1$f512c17b8ed411fa$644d35db41d94e5efaf89fc43c5fa52f8b2b19b8f8"
	  "9a50f8a8e9bb8bdb5eba456bf92d5d98065e5751f75143a5f61debc267b0bc8d3b1939a9b4dd"
	  "be45cf642b"), 0,
	  FOREIGN("hashes of passwords") },
	{ "sops",
	  BYTES("ENC[AES256_GCM,data:SQHUc6igLkPh44KTpYsZTpjkLURctj1RR2hdQ5qVkQFSgwuTnvc4vCRx"
	  "t+CAU/xetDfdcjtg5fmACzCx6PBaKQ==,iv:zNaOkNg7xoMIieI9dNFDmb2afYXDiSFKdpAO0cz4"
	  "J24=,type:str]"), 0,
	  FOREIGN("an encrypted file") },
	{ "eyaml",
	  BYTES("ENC[PKCS7,Ap9Hf38xoB5bWWRaJ5909Mzf6w4UOcohdBzk39SnwHlqyPam8EdnqlZKuZrx3NKp/P"
	  "HrGyPbKhcYAL6YBxOiyg==]"), 0,
	  FOREIGN("an encrypted file") },
	{ "zstd",
	  BYTES("(\xb5/\xfd$\xc8" "A\x06\x00\xb3y\xa9" "9\x81;\x7f"), 214,
	  FOREIGN("compressed or an archive") },
	{ "zstd of a pipe",
	  BYTES("(\xb5/\xfd\x04XA\x06\x00\xb3y\xa9" "9\x81;\x7f"), 214,
	  FOREIGN("compressed or an archive") },
	{ "zstd of more",
	  BYTES("(\xb5/\xfd\x04Xa\x09\x00\xfa\xbbUr!\x99."), 320,
	  FOREIGN("compressed or an archive") },
	{ "lz4",
	  BYTES("\x04\"M\x18" "d@\xa7\xc8\x00\x00\x80\xb3y\xa9" "9\x81"), 227,
	  FOREIGN("compressed or an archive") },
	{ "Java's gzip, 64 bytes long",
	  BYTES("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00\x8eG\x8f\xb9^R\xa7\xe6\xadN\x05\xac"
	  "\xcf\xa4|\xec\xd4\xc3" "7\xe1\x86\x15\x04" "EO5\x95\xf7\xf0\xf3#\x8a\xc2\x94"
	  "M\xfe\x8f\xbc\x15g\x05>t_Ta\xfb!p\x1dv\x7f\x99u"), 0,
	  FOREIGN("compressed or an archive") },
	{ "gzip in base64",
	  BYTES("H4sIAAAAAAACAwHIADf/s3mpOYE7f0f9rQYKazALjSt6ePJZgrJZk0OD+cVsklFGXDYv3OQbUbPi"
	  "rBOEVfKXv2g4dBlR+Pt8VQub8tWiI3NK2R3DfvjkG3WlsRAYzZYiznXT9K4Gs/WMfaUsm+NgjsH4"
	  "wY1EkbHZx4UlbdanGPWuU1Uu7O8ivgeBAbn0laR7IBzwYaYeU4GYFcUH9hBPbltVnpLWtfqVKMre"
	  "iGpPZ5h6zdjK3+9rpdUFY2EESCXwuKU5aaPNt93vPrhvDkjnOdVI2JiSf9Gi8i72yAAAAA=="), 0,
	  FOREIGN("compressed or an archive in base64") },
	{ "NAME=VALUE",
	  BYTES("JWT=0c3a4acdd7f9fcc589f8d0a9f94f03e7914c0f87f17f8499ff30499a90eb"), 0,
	  MORE },
	{ "NAME = VALUE",
	  BYTES("JWT = b4108e360ddfcfc69e290d9f945ffa4d1278220ad2cf1337349e455d52\n"), 0,
	  MORE },
	{ "NAME: VALUE",
	  BYTES("k: 613c2813c40d2affbb1494978278947bec540a2123e7cefa30c14d732f64c"), 0,
	  MORE },
	{ "NAME=, quotes, VALUE",
	  BYTES("HS512=\"-goWCw0gyzPsJykzuHG0l74_IJuQ6ZUd1XsjwZpAng63hMR5saeipO0_\""), 0,
	  MORE },
	{ "TOML",
	  BYTES("jwt = \"b79abcc4b9db165c23115661ffb0df9daee36452bcf48385971f1bba10ef\"\n"), 0,
	  MORE },
	{ "export NAME=VALUE",
	  BYTES("export JWT=43a9e7516072cb95eb92e57561d80e1ed511b327f2f171fc118de91165c6"), 0,
	  FOREIGN("a list of names and values") },
	{ "a name and a value",
	  BYTES("signing 72a325260ebfdc409e7349f28ca442f72d781f7169b32dac0940e401d83c"), 0,
	  MORE },
	{ "a user and a password",
	  BYTES("me:4a29548fa91200314bd807d4b6ab0553854edd3aae7ed5e15ff034d16017f"), 0,
	  MORE },
	{ "the published key with blanks",
	  BYTES("a9 dd bc ab a8 c0 ac 1a 0a 81 2d c0 c2 f0 85 14 b2 3f 2d b0 a6 83 43 cb 81 9"
	  "9 eb b3 8a 6d 91 e4 eb fb 37 8e 22 ad 39 c2 d0 1d 0b 4e c9 c3 4a a9 10 56 86"
	  " 2d da ce 3f bb d6 85 2e e6 0c 36 ac bf"), 0,
	  FORM },
	{ "the published key in words",
	  BYTES("a9dd bcab a8c0 ac1a 0a81 2dc0 c2f0 8514 b23f 2db0 a683 43cb 8199 ebb3 8a6d 9"
	  "1e4 ebfb 378e 22ad 39c2 d01d 0b4e c9c3 4aa9 1056 862d dace 3fbb d685 2ee6 0c"
	  "36 acbf"), 0,
	  FORM },
	{ "the published key with tabs",
	  BYTES("a9ddbcab\x09" "a8c0ac1a\x09" "0a812dc0\x09" "c2f08514\x09" "b23f2db0\x09" "a"
	  "68343cb\x09" "8199ebb3\x09" "8a6d91e4\x09" "ebfb378e\x09" "22ad39c2\x09" "d0"
	  "1d0b4e\x09" "c9c34aa9\x09" "1056862d\x09" "dace3fbb\x09" "d6852ee6\x09" "0c3"
	  "6acbf"), 0,
	  FORM },
	{ "the published key with colons",
	  BYTES("a9:dd:bc:ab:a8:c0:ac:1a:0a:81:2d:c0:c2:f0:85:14:b2:3f:2d:b0:a6:83:43:cb:81:9"
	  "9:eb:b3:8a:6d:91:e4:eb:fb:37:8e:22:ad:39:c2:d0:1d:0b:4e:c9:c3:4a:a9:10:56:86"
	  ":2d:da:ce:3f:bb:d6:85:2e:e6:0c:36:ac:bf"), 0,
	  FORM },
	{ "the published key with dashes, in capitals",
	  BYTES("A9-DD-BC-AB-A8-C0-AC-1A-0A-81-2D-C0-C2-F0-85-14-B2-3F-2D-B0-A6-83-43-CB-81-9"
	  "9-EB-B3-8A-6D-91-E4-EB-FB-37-8E-22-AD-39-C2-D0-1D-0B-4E-C9-C3-4A-A9-10-56-86"
	  "-2D-DA-CE-3F-BB-D6-85-2E-E6-0C-36-AC-BF"), 0,
	  FORM },
	{ "the published key in lines",
	  BYTES("a9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4\nebfb378e22"
	  "ad39c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acbf"), 0,
	  FORM },
	{ "the published key as C has bytes",
	  BYTES("\\xa9\\xdd\\xbc\\xab\\xa8\\xc0\\xac\\x1a\\x0a\\x81\\x2d\\xc0\\xc2\\xf0\\x85\\"
	  "x14\\xb2\\x3f\\x2d\\xb0\\xa6\\x83\\x43\\xcb\\x81\\x99\\xeb\\xb3\\x8a\\x6d\\x"
	  "91\\xe4\\xeb\\xfb\\x37\\x8e\\x22\\xad\\x39\\xc2\\xd0\\x1d\\x0b\\x4e\\xc9\\xc"
	  "3\\x4a\\xa9\\x10\\x56\\x86\\x2d\\xda\\xce\\x3f\\xbb\\xd6\\x85\\x2e\\xe6\\x0c"
	  "\\x36\\xac\\xbf"), 0,
	  FORM },
	{ "the published key as C has numbers",
	  BYTES("0xa9,0xdd,0xbc,0xab,0xa8,0xc0,0xac,0x1a,0x0a,0x81,0x2d,0xc0,0xc2,0xf0,0x85,0"
	  "x14,0xb2,0x3f,0x2d,0xb0,0xa6,0x83,0x43,0xcb,0x81,0x99,0xeb,0xb3,0x8a,0x6d,0x"
	  "91,0xe4,0xeb,0xfb,0x37,0x8e,0x22,0xad,0x39,0xc2,0xd0,0x1d,0x0b,0x4e,0xc9,0xc"
	  "3,0x4a,0xa9,0x10,0x56,0x86,0x2d,0xda,0xce,0x3f,0xbb,0xd6,0x85,0x2e,0xe6,0x0c"
	  ",0x36,0xac,0xbf"), 0,
	  FORM },
	{ "the published key cut to 127",
	  BYTES("a9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4ebfb378e22ad"
	  "39c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acb"), 0,
	  FORM },
	{ "the published key cut to 127 at its beginning",
	  BYTES("9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4ebfb378e22ad3"
	  "9c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acbf"), 0,
	  FORM },
	{ "the published key cut to 100",
	  BYTES("a9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4ebfb378e22ad"
	  "39c2d01d0b4ec9c34aa91056"), 0,
	  FORM },
	{ "the published key cut to 64",
	  BYTES("a9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4"), 0,
	  FORM },
	{ "the published key its last 64",
	  BYTES("ebfb378e22ad39c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acbf"), 0,
	  FORM },
	{ "the published key its middle",
	  BYTES("4b23f2db0a68343cb8199ebb38a6d91e4ebfb378e22ad39c2d01d0b4ec9c34aa"), 0,
	  FORM },
	{ "the published key its middle in capitals",
	  BYTES("23F2DB0A68343CB8199EBB38A6D91E4EBFB378E22AD39C2D01D0B4EC9C34AA91056"), 0,
	  FORM },
	{ "the published key its digits in hexadecimal digits",
	  BYTES("6139646462636162613863306163316130613831326463306332663038353134623233663264"
	  "6230613638333433636238313939656262333861366439316534656266623337386532326164"
	  "3339633264303164306234656339633334616139313035363836326464616365336662626436"
	  "3835326565363063333661636266"), 0,
	  FORM },
	{ "the published key those again",
	  BYTES("3631333936343634363236333631363236313338363333303631363333313631333036313338"
	  "3331333236343633333036333332363633303338333533313334363233323333363633323634"
	  "3632333036313336333833333334333336333632333833313339333936353632363233333338"
	  "3631333636343339333136353334363536323636363233333337333836353332333236313634"
	  "3333333936333332363433303331363433303632333436353633333936333333333436313631"
	  "3339333133303335333633383336333236343634363136333635333336363632363236343336"
	  "33383335333236353635333633303633333333363631363336323636"), 0,
	  FORM },
	{ "the published key in base64",
	  BYTES("YTlkZGJjYWJhOGMwYWMxYTBhODEyZGMwYzJmMDg1MTRiMjNmMmRiMGE2ODM0M2NiODE5OWViYjM4"
	  "YTZkOTFlNGViZmIzNzhlMjJhZDM5YzJkMDFkMGI0ZWM5YzM0YWE5MTA1Njg2MmRkYWNlM2ZiYmQ2"
	  "ODUyZWU2MGMzNmFjYmY="), 0,
	  FORM },
	{ "the published key in base64, a newline in it",
	  BYTES("YTlkZGJjYWJhOGMwYWMxYTBhODEyZGMwYzJmMDg1MTRiMjNmMmRiMGE2ODM0M2NiODE5OWViYjM4"
	  "YTZkOTFlNGViZmIzNzhlMjJhZDM5YzJkMDFkMGI0ZWM5YzM0YWE5MTA1Njg2MmRkYWNlM2ZiYmQ2"
	  "ODUyZWU2MGMzNmFjYmYK"), 0,
	  FORM },
	{ "the published key in base64url, decoded",
	  BYTES("qd28q6jArBoKgS3AwvCFFLI_LbCmg0PLgZnrs4ptkeTr-zeOIq05wtAdC07Jw0qpEFaGLdrOP7vW"
	  "hS7mDDasvw"), 0,
	  FORM },
	{ "the published key in base64 in base64",
	  BYTES("cWQyOHE2akFyQm9LZ1MzQXd2Q0ZGTEkvTGJDbWcwUExnWm5yczRwdGtlVHIremVPSXEwNXd0QWRD"
	  "MDdKdzBxcEVGYUdMZHJPUDd2V2hTN21ERGFzdnc9PQ=="), 0,
	  FORM },
	{ "the published key in base32",
	  BYTES("ME4WIZDCMNQWEYJYMMYGCYZRMEYGCOBRGJSGGMDDGJTDAOBVGE2GEMRTMYZGIYRQME3DQMZUGNRW"
	  "EOBRHE4WKYTCGM4GCNTEHEYWKNDFMJTGEMZXHBSTEMTBMQZTSYZSMQYDCZBQMI2GKYZZMMZTIYLB"
	  "HEYTANJWHA3DEZDEMFRWKM3GMJRGINRYGUZGKZJWGBRTGNTBMNRGM==="), 0,
	  FORM },
	{ "the published key in base32, decoded",
	  BYTES("vho3zk5iycwbucubfxamf4efcszd6lnqu2buhs4bthv3hctnshsox6zxryrk2ooc2aoqwtwjynfk"
	  "secwqyw5vtr7xpliklxgbq3kzpy="), 0,
	  FORM },
	{ "the published key in base64, in capitals",
	  BYTES("QTlEREJDQUJBOEMwQUMxQTBBODEyREMwQzJGMDg1MTRCMjNGMkRCMEE2ODM0M0NCODE5OUVCQjM4"
	  "QTZEOTFFNEVCRkIzNzhFMjJBRDM5QzJEMDFEMEI0RUM5QzM0QUE5MTA1Njg2MkREQUNFM0ZCQkQ2"
	  "ODUyRUU2MEMzNkFDQkY="), 0,
	  FORM },
	{ "the published key with its digits backwards",
	  BYTES("fbca63c06ee2586dbbf3ecadd26865019aa43c9ce4b0d10d2c93da22e873bfbe4e19d6a83bbe"
	  "9918bc34386a0bd2f32b41580f2c0cd218a0a1ca0c8abacbdd9a"), 0,
	  FORM },
	{ "the published key with its bytes backwards",
	  BYTES("\xbf\xac" "6\x0c\xe6.\x85\xd6\xbb?\xce\xda-\x86V\x10\xa9J\xc3\xc9N\x0b\x1d\xd0"
	  "\xc2" "9\xad\"\x8e" "7\xfb\xeb\xe4\x91m\x8a\xb3\xeb\x99\x81\xcb" "C\x83\xa6\xb0"
	  "-?\xb2\x14\x85\xf0\xc2\xc0-\x81\n\x1a\xac\xc0\xa8\xab\xbc\xdd\xa9"), 0,
	  FORM },
	{ "the published key with the digits of each byte backwards",
	  BYTES("9addcbba8a0ccaa1a018d20c2c0f58412bf3d20b6a3834bc1899be3ba8d6194ebebf73e822da"
	  "932c0dd1b0e49c3ca49a016568d2adecf3bb6d58e26ec063cafb"), 0,
	  FORM },
	{ "the published key with a comma behind",
	  BYTES("a9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4ebfb378e22ad"
	  "39c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acbf,"), 0,
	  FORM },
	{ "the published key twice",
	  BYTES("a9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4ebfb378e22ad"
	  "39c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acbfa9ddbcaba8c0ac1a0a812dc0"
	  "c2f08514b23f2db0"), 0,
	  FORM },
	{ "the published key decoded, and more",
	  BYTES("\xa9\xdd\xbc\xab\xa8\xc0\xac\x1a\n\x81-\xc0\xc2\xf0\x85\x14\xb2?-\xb0\xa6\x83"
	  "C\xcb\x81\x99\xeb\xb3\x8am\x91\xe4\xeb\xfb" "7\x8e\"\xad" "9\xc2\xd0\x1d\x0b"
	  "N\xc9\xc3J\xa9\x10V\x86-\xda\xce?\xbb\xd6\x85.\xe6\x0c" "6\xac\xbf\x01\x02"), 0,
	  FORM },
	{ "the published key decoded, behind more",
	  BYTES("abc\x80\xa9\xdd\xbc\xab\xa8\xc0\xac\x1a\n\x81-\xc0\xc2\xf0\x85\x14\xb2?-\xb0"
	  "\xa6\x83" "C\xcb\x81\x99\xeb\xb3\x8am\x91\xe4\xff\xff\xff\xff\xff\xff\xff\xff"
	  "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	  "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), 0,
	  FORM },
