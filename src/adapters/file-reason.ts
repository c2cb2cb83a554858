const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is no directory',
  EACCES: 'its rights forbid it',
  EPERM: 'its rights forbid it',
  EROFS: 'it lies on a disk that is read-only',
  ENOSPC: 'the disk is full',
};

/** Why the file system refused, for people; `special` where a code means something else to the caller. */
export function fileReason(cause: unknown, special: Readonly<Record<string, string>> = {}): string {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? '';
  return special[code] ?? REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause));
}
