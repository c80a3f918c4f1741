// The thread that writes recordings, so that a slow disk makes no audio late.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "asterism/media/codec.hpp"
#include "asterism/media/operations.hpp"

namespace asterism::media {

/// How samples lie in a file.
struct FileLayout {
    CodecId codec = CodecId::slin;
    bool riff = false;  ///< with a WAV header
    bool microsoft_gsm = false;
    unsigned channels = 1;  ///< 2: interleaved samples
};

/// One for the engine. Jobs run in the order in which they came. Memory is bounded: what is queued beyond `max_bytes`
/// fails the recording that brought it.
class FileWriter {
  public:
    using FileId = std::uint64_t;
    /// How a file ended: the reason of the first failure, empty if all was written. Called on the writer's thread.
    using Closed = std::move_only_function<void(std::string error)>;
    using Failed = std::move_only_function<void(std::string error)>;

    explicit FileWriter(std::size_t max_bytes = 16u << 20);
    /// Writes what is queued, closes all files, then ends.
    ~FileWriter();
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;

    // From any thread; none of these waits for the disk.
    /// `failed` is called at most once, when the file cannot be opened or written; close() must still follow.
    FileId open(std::string path, FileLayout layout, RecordSpec::Existing existing, Failed failed);
    /// False when the queue is full: the disk is too slow. Nothing was taken then.
    bool append(FileId file, std::vector<std::uint8_t> bytes);
    /// Cuts `drop_bytes` off the end, completes the header, closes.
    void close(FileId file, std::size_t drop_bytes, Closed closed);

  private:
    struct File {
        int fd = -1;
        std::string path;
        FileLayout layout;
        std::uint64_t data_at = 0;
        std::string error;
        Failed failed;
    };
    struct Job {
        FileId file = 0;
        std::vector<std::uint8_t> bytes;
        std::size_t weight = 0;
        std::move_only_function<void(File&)> action;  // open, close; empty: append
        bool last = false;
    };
    void put(Job job);
    void run();
    static void open_file(File& file, RecordSpec::Existing existing);
    static void write_all(File& file, const std::vector<std::uint8_t>& bytes);
    static void finish(File& file, std::size_t drop_bytes);
    static void fail(File& file, std::string error);

    std::size_t max_bytes_;
    std::mutex mutex_;
    std::condition_variable wanted_;
    std::deque<Job> jobs_;
    std::size_t queued_ = 0;
    FileId last_id_ = 0;
    bool closing_ = false;
    std::unordered_map<FileId, File> files_;  // the thread's own
    std::thread thread_;
};

}  // namespace asterism::media
