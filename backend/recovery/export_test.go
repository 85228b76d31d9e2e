package recovery

// Subkeys are the bytes that a key of the ring was expanded to.
func (r *Ring) Subkeys(name string) []string {
	keys := r.named(name)
	return []string{string(keys.temporaryPassword.reveal()), string(keys.mailAddress.reveal()), string(keys.disavowal.reveal())}
}
