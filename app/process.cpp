#include "app/process.h"

#include <unistd.h>

#include <csignal>
#include <iostream>

#include "data/atomic_file.h"
#include "data/descriptor_buffer.h"

namespace heed {
namespace {

void on_end(int signal) {
  remove_temporaries();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// Not one that the starter ignores, as nohup does.
void handle(int signal) {
  struct sigaction current {};
  ::sigaction(signal, nullptr, &current);
  if (current.sa_handler != SIG_IGN) std::signal(signal, on_end);
}

}  // namespace

void set_up_process() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) handle(signal);
  static auto& buffer = *new DescriptorBuffer(STDOUT_FILENO, "standard output");  // outlives cout
  std::cout.rdbuf(&buffer);
  std::cout.exceptions(std::ios::badbit);
}

}  // namespace heed
