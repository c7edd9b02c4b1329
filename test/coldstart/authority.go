package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

// certificateAuthority is a certificate authority for one run, with a chain as long as
// AWS's: a root, an intermediate and a server certificate with RSA keys of 2048 bits.
type certificateAuthority struct {
	root        []byte // PEM
	certificate tls.Certificate
}

// signed is a certificate with its key.
type signed struct {
	der         []byte
	certificate *x509.Certificate
	key         *rsa.PrivateKey
}

func newCertificateAuthority() (*certificateAuthority, error) {
	root, err := sign("Cold Start Root", true, nil)
	if err != nil {
		return nil, err
	}
	middle, err := sign("Cold Start Intermediate", true, root)
	if err != nil {
		return nil, err
	}
	server, err := sign("localhost", false, middle)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	err = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: root.der})
	return &certificateAuthority{
		root:        text.Bytes(),
		certificate: tls.Certificate{Certificate: [][]byte{server.der, middle.der}, PrivateKey: server.key},
	}, err
}

// sign makes a certificate that the parent signs. Without a parent it is self-signed.
func sign(name string, isCA bool, parent *signed) (*signed, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: isCA, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if parent == nil {
		parent = &signed{certificate: template, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.certificate, &key.PublicKey, parent.key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &signed{der, certificate, key}, err
}
