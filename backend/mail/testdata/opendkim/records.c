/*
 * Answers opendkim-testmsg's DNS queries from a file, so that it judges letters offline: preloaded, this res_nquery
 * replaces that of libc. AIKAGI_TEST_RECORDS names the file; each of its lines is a name, a space and a TXT record.
 */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *put(unsigned char *at, unsigned value, int bytes) {
  while (bytes-- > 0) *at++ = (unsigned char)(value >> (8 * bytes));
  return at;
}

static unsigned char *put_name(unsigned char *at, const char *name) {
  while (*name) {
    size_t label = strcspn(name, ".");
    *at++ = (unsigned char)label;
    memcpy(at, name, label);
    at += label;
    name += label + (name[label] == '.');
  }
  *at++ = 0;
  return at;
}

int res_nquery(void *state, const char *name, int class, int type, unsigned char *answer, int size) {
  char line[2048], *text;
  FILE *records = fopen(getenv("AIKAGI_TEST_RECORDS"), "r");
  size_t length = strlen(name);
  (void)state;
  while (records && fgets(line, sizeof line, records)) {
    line[strcspn(line, "\n")] = 0;
    text = line + length + 1;
    if (strncmp(line, name, length) || line[length] != ' ' || size < (int)(sizeof line + 512)) continue;
    fclose(records);
    /* The header: an answer (0x8180) to one question with one record. RFC 1035, 4.1. */
    unsigned char *at = put(put(put(put(put(put(answer, 1, 2), 0x8180, 2), 1, 2), 1, 2), 0, 2), 0, 2);
    at = put(put(put_name(at, name), (unsigned)type, 2), (unsigned)class, 2);
    at = put(put(put(put_name(at, name), (unsigned)type, 2), (unsigned)class, 2), 60, 4);
    unsigned char *start = at += 2;
    for (size_t left = strlen(text); left > 0;) {
      size_t part = left > 255 ? 255 : left;
      *at++ = (unsigned char)part;
      memcpy(at, text, part);
      at += part, text += part, left -= part;
    }
    put(start - 2, (unsigned)(at - start), 2);
    return (int)(at - answer);
  }
  if (records) fclose(records);
  h_errno = HOST_NOT_FOUND;
  return -1;
}
