#include "media/file_writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "media/prompt.hpp"

namespace asterism::media {

namespace {

std::string because(int error) { return std::generic_category().message(error); }

void le16(std::uint8_t* p, std::uint16_t v) {
    p[0] = static_cast<std::uint8_t>(v);
    p[1] = static_cast<std::uint8_t>(v >> 8);
}
void le32(std::uint8_t* p, std::uint32_t v) {
    le16(p, static_cast<std::uint16_t>(v));
    le16(p + 2, static_cast<std::uint16_t>(v >> 16));
}

/// RIFF, "fmt " and the head of "data". GSM has a longer format chunk and a "fact" chunk.
std::vector<std::uint8_t> wav_header(const FileLayout& layout, std::uint32_t data_bytes) {
    const unsigned rate = codec_info(layout.codec).rate;
    const std::size_t fmt_bytes = layout.microsoft_gsm ? 20 : 16;
    const std::size_t bytes = 12 + 8 + fmt_bytes + (layout.microsoft_gsm ? 12u : 0u) + 8;
    std::vector<std::uint8_t> h(bytes);
    std::memcpy(h.data(), "RIFF", 4);
    le32(&h[4], static_cast<std::uint32_t>(bytes - 8 + data_bytes));
    std::memcpy(&h[8], "WAVEfmt ", 8);
    le32(&h[16], static_cast<std::uint32_t>(fmt_bytes));
    le16(&h[22], static_cast<std::uint16_t>(layout.channels));
    le32(&h[24], rate);
    std::size_t at = 36;
    if (layout.microsoft_gsm) {
        le16(&h[20], 49);
        le32(&h[28], 1625);
        le16(&h[32], 65);
        le16(&h[36], 2);
        le16(&h[38], 320);
        std::memcpy(&h[40], "fact", 4);
        le32(&h[44], 4);
        le32(&h[48], data_bytes / 65 * 320);
        at = 52;
    } else {
        const unsigned sample_bytes = codec_info(layout.codec).encoding == "L16" ? 2 : 1;
        le16(&h[20], static_cast<std::uint16_t>(layout.codec == CodecId::alaw   ? 6
                                                : layout.codec == CodecId::ulaw ? 7
                                                                                : 1));
        le32(&h[28], rate * sample_bytes * layout.channels);
        le16(&h[32], static_cast<std::uint16_t>(sample_bytes * layout.channels));
        le16(&h[34], static_cast<std::uint16_t>(sample_bytes * 8));
    }
    std::memcpy(&h[at], "data", 4);
    le32(&h[at + 4], data_bytes);
    return h;
}

}  // namespace

FileWriter::FileWriter(std::size_t max_bytes) : max_bytes_(max_bytes), thread_([this] { run(); }) {}

FileWriter::~FileWriter() {
    {
        const std::scoped_lock lock(mutex_);
        closing_ = true;
    }
    wanted_.notify_one();
    thread_.join();
}

void FileWriter::put(Job job) {
    {
        const std::scoped_lock lock(mutex_);
        queued_ += job.weight;
        jobs_.push_back(std::move(job));
    }
    wanted_.notify_one();
}

FileWriter::FileId FileWriter::open(std::string path, FileLayout layout, RecordSpec::Existing existing, Failed failed) {
    FileId id = 0;
    {
        const std::scoped_lock lock(mutex_);
        id = ++last_id_;
    }
    Job job;
    job.file = id;
    job.action = [path = std::move(path), layout, existing, failed = std::move(failed)](File& file) mutable {
        file.path = std::move(path);
        file.layout = layout;
        file.failed = std::move(failed);
        open_file(file, existing);
    };
    put(std::move(job));
    return id;
}

bool FileWriter::append(FileId file, std::vector<std::uint8_t> bytes) {
    {
        const std::scoped_lock lock(mutex_);
        if (queued_ + bytes.size() > max_bytes_) return false;
    }
    Job job;
    job.file = file;
    job.weight = bytes.size();
    job.bytes = std::move(bytes);
    put(std::move(job));
    return true;
}

void FileWriter::close(FileId file, std::size_t drop_bytes, Closed closed) {
    Job job;
    job.file = file;
    job.last = true;
    job.action = [drop_bytes, closed = std::move(closed)](File& f) mutable {
        finish(f, drop_bytes);
        closed(std::move(f.error));
    };
    put(std::move(job));
}

void FileWriter::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wanted_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
        if (jobs_.empty()) break;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        File& file = files_[job.file];
        if (job.action)
            job.action(file);
        else
            write_all(file, job.bytes);
        if (job.last) files_.erase(job.file);
        const std::size_t weight = job.weight;
        job = {};
        lock.lock();
        queued_ -= weight;
    }
    lock.unlock();
    for (auto& [id, file] : files_) finish(file, 0);
}

void FileWriter::fail(File& file, std::string error) {
    if (!file.error.empty()) return;
    file.error = std::move(error);
    if (file.failed) std::exchange(file.failed, nullptr)(file.error);
}

void FileWriter::open_file(File& file, RecordSpec::Existing existing) {
    int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY;
    if (existing == RecordSpec::Existing::overwrite) flags |= O_TRUNC;
    if (existing == RecordSpec::Existing::fail) flags |= O_EXCL;
    file.fd = ::open(file.path.c_str(), flags, 0666);
    if (file.fd < 0) return fail(file, fmt::format("cannot create {}: {}", file.path, because(errno)));
    struct stat status{};
    if (fstat(file.fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {  // append
        if (file.layout.riff) {
            std::vector<std::uint8_t> head(std::min<std::size_t>(4096, static_cast<std::size_t>(status.st_size)));
            const ssize_t n = pread(file.fd, head.data(), head.size(), 0);
            const auto info = parse_wav(std::span(head).first(n > 0 ? static_cast<std::size_t>(n) : 0));
            if (!info) return fail(file, fmt::format("cannot append to {}: {}", file.path, info.error()));
            file.data_at = info->data_at;
        }
        lseek(file.fd, 0, SEEK_END);
        return;
    }
    if (file.layout.riff) {
        const auto header = wav_header(file.layout, 0);
        file.data_at = header.size();
        write_all(file, header);
    }
}

void FileWriter::write_all(File& file, const std::vector<std::uint8_t>& bytes) {
    if (file.fd < 0 || !file.error.empty()) return;
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t n = ::write(file.fd, bytes.data() + done, bytes.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(file, fmt::format("cannot write {}: {}", file.path, because(errno)));
        done += static_cast<std::size_t>(n);
    }
}

void FileWriter::finish(File& file, std::size_t drop_bytes) {
    if (file.fd < 0) return;
    struct stat status{};
    if (fstat(file.fd, &status) == 0 && S_ISREG(status.st_mode)) {
        auto size = static_cast<std::uint64_t>(status.st_size);
        if (drop_bytes != 0 && size >= file.data_at + drop_bytes) {
            size -= drop_bytes;
            if (ftruncate(file.fd, static_cast<off_t>(size)) != 0)
                fail(file, fmt::format("cannot shorten {}: {}", file.path, because(errno)));
        }
        if (file.layout.riff && size >= file.data_at && file.data_at >= 8) {
            // The two lengths, wherever the data begin.
            std::uint8_t length[4];
            le32(length, static_cast<std::uint32_t>(size - file.data_at));
            bool good = pwrite(file.fd, length, 4, static_cast<off_t>(file.data_at - 4)) == 4;
            le32(length, static_cast<std::uint32_t>(size - 8));
            good = pwrite(file.fd, length, 4, 4) == 4 && good;
            if (!good) fail(file, fmt::format("cannot complete {}: {}", file.path, because(errno)));
        }
    }
    // NFS tells here that the disk was full.
    if (::close(file.fd) != 0) fail(file, fmt::format("cannot close {}: {}", file.path, because(errno)));
    file.fd = -1;
}

}  // namespace asterism::media
