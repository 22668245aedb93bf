/// What LeakSanitizer leaves out, in builds that have it: fontconfig, which draws the text of PNG
/// figures, never gives back what it has read of the fonts.
extern "C" const char* __lsan_default_suppressions();  // NOLINT: the sanitizer's name

extern "C" const char* __lsan_default_suppressions() {  // NOLINT
  return "leak:libfontconfig\n";
}
